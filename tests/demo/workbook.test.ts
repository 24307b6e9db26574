import ExcelJS from 'exceljs'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dayOf, serialDay } from '../../demo/world/days.ts'
import { openWorkbook } from '../../demo/write/workbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'dsr-workbook-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('another program reads back each cell of each sheet', async () => {
  const workbook = openWorkbook(join(folder, 'a.xlsx'), [{ name: 'People', hidden: [2] }, { name: 'R & D' }])
  const [people, other] = workbook.sheets
  people?.row(['Name', 'Secret', 'Born', 'Cleared', 'Score'])
  await workbook.flush()
  people?.row([
    'O’Brannagh <&>',
    null,
    { serial: serialDay(dayOf('2026-03-03')), format: 'date' },
    { serial: 46084, format: 'none' },
    7,
  ])
  expect(other?.row([])).toBe(1)
  expect(other?.row(['second row'])).toBe(2)
  await workbook.close()

  const read = new ExcelJS.Workbook()
  await read.xlsx.readFile(join(folder, 'a.xlsx'))
  expect(read.worksheets.map(({ name }) => name)).toEqual(['People', 'R & D'])
  const row = read.getWorksheet('People')?.getRow(2).values
  expect(row).toEqual([undefined, 'O’Brannagh <&>', undefined, new Date('2026-03-03T00:00:00Z'), 46084, 7])
  expect(read.getWorksheet('People')?.getColumn(2).hidden).toBe(true)
  expect(read.getWorksheet('R & D')?.getCell('A2').value).toBe('second row')
})

test('nothing but the workbook is left behind', () => {
  expect(readdirSync(folder)).toEqual(['a.xlsx'])
})
