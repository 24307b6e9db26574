import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCodeListIndex } from '../../register/generate/dictionaryPage.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { codesFile, parseCodes, readCodes } from '../../register/readCodes.ts'

const folder = join(projectRoot, 'register/codes')
const lists = readdirSync(folder)
  .filter((file) => file.endsWith('.csv'))
  .map((file) => file.replace('.csv', ''))

describe('code lists', () => {
  it.each(lists)('%s has codes, each once, each with a label', (list) => {
    const codes = readCodes(list)
    expect(codes.length).toBeGreaterThan(0)
    expect(new Set(codes.map((row) => row.code)).size).toBe(codes.length)
    expect(codes.filter((row) => row.code === '' || row.label === '' || row.code !== row.code.trim())).toEqual([])
    expect(readFileSync(codesFile(list), 'utf8')).toMatch(/^code,label(,|\n)/)
  })

  it('the index gives title, source and licence of each list, and of no other', () => {
    expect(Object.keys(readCodeListIndex()).sort()).toEqual([...lists].sort())
  })

  it('the closed taxonomies are whole', () => {
    const sizes = {
      themes: 33,
      strategies: 18,
      services: 34,
      unavailable_reasons: 17,
      closure_reasons: 10,
      consent_bases: 12,
      rejection_reasons: 9,
      agencies: 14,
    }
    expect(Object.fromEntries(Object.keys(sizes).map((list) => [list, readCodes(list).length]))).toEqual(sizes)
  })

  it('every service belongs to a family, and every family has a service', () => {
    const families = readCodes('service_families').map((row) => row.code)
    const used = new Set(readCodes('services').map((row) => row.more['family']))
    expect(used).toEqual(new Set(families))
  })

  it('no basis from K90 on puts a person on the register', () => {
    const on = readCodes('consent_bases').filter((row) => row.more['on_register'] === 'yes')
    expect(on.map((row) => row.code)).toEqual(['K01', 'K02', 'K03', 'K04', 'K05', 'K06', 'K07', 'K08'])
  })

  it('a label with a comma and a quotation mark is read whole', () => {
    expect(parseCodes('code,label,more\r\nX,"One, ""two""",three\r\n')).toEqual([
      { code: 'X', label: 'One, "two"', more: { more: 'three' } },
    ])
  })
})
