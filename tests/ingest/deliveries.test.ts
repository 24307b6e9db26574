import Excel from 'exceljs'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readArchive } from '../../ingest/landing/archive.ts'
import { versionFiles } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
  made.contract('small', smallContract)
})
afterEach(() => made.remove())

/** Every file under a folder. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const sound = `${smallHeading}\n${smallLine({ Surname: 'Zquixhart' })}\n`

describe('a landed delivery', () => {
  it('is archived encrypted, removed from where it lay, and can be had back to the byte', async () => {
    const path = made.extract('small', 'a.csv', sound)
    await made.ingest()
    expect(existsSync(path)).toBe(false)
    const [delivery] = await made.landing('select delivery from deliveries')
    const id = String(delivery?.['delivery'])
    const key = readKey(made.deployment, 'store')
    expect(readArchive(made.deployment, key, id).toString()).toBe(sound)
    const archived = join(made.deployment.archive, id)
    expect(statSync(archived).mode & 0o077).toBe(0)
    const bytes = readFileSync(archived)
    bytes[30] = (bytes[30] ?? 0) ^ 1
    writeFileSync(archived, bytes)
    expect(() => readArchive(made.deployment, key, id)).toThrow(/damaged or was locked with another key/)
  })

  it('lies nowhere in plain text', async () => {
    made.extract('small', 'a.csv', sound)
    await made.ingest()
    const telling = filesUnder(made.deployment.home).filter((file) => readFileSync(file).includes('Zquixhart'))
    expect(telling).toEqual([])
  })

  it('sent again changes nothing', async () => {
    made.extract('small', 'a.csv', sound)
    await made.ingest()
    const before = await made.landing('select * from deliveries')
    const people = await made.register('select * from people')
    const persons = await made.register('select * from persons')
    made.extract('small', 'b.csv', sound)
    const report = await made.ingest()
    expect(report.landed).toEqual([])
    expect(await made.landing('select * from deliveries')).toEqual(before)
    expect(await made.register('select * from people')).toEqual(people)
    expect(await made.register('select * from persons')).toEqual(persons)
  })

  it('is replaced by a newer one for the register, and stays in landing', async () => {
    made.contract('small', smallContract.replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`))
    made.extract(
      'small',
      '2026-10-01.csv',
      [smallHeading, smallLine(), smallLine({ No: '2', NHS: '9990000026' })].join('\n'),
    )
    made.extract('small', '2026-09-30.csv', [smallHeading, smallLine({ No: '3', NHS: '9990000034' })].join('\n'))
    expect((await made.ingest()).people).toBe(2)
    expect(await made.landing('select count(*)::integer as people from landed_people')).toEqual([{ people: 3 }])
  })

  it('is read anew when its contract has changed and the file was kept', async () => {
    made.extract('small', 'a.csv', sound)
    await made.ingest({ extracts_after_landing: 'keep' })
    made.contract('small', smallContract.replace("'Yes': K01", "'Yes': K06"))
    await made.ingest({ extracts_after_landing: 'keep' })
    expect(await made.register('select consent_basis from persons')).toEqual([{ consent_basis: 'K06' }])
    expect(await made.landing('select count(*)::integer as n from deliveries')).toEqual([{ n: 1 }])
  })
})

describe('a run that was killed', () => {
  it('between landing and archive is finished by the next', async () => {
    const path = made.extract('small', 'a.csv', sound)
    await made.ingest({ extracts_after_landing: 'keep' })
    const [row] = await made.landing('select delivery from deliveries')
    const id = String(row?.['delivery'])
    // As a kill in the middle of archiving leaves it: half an archive under its working name, the file still there.
    await made.ingest()
    expect(existsSync(path)).toBe(false)
    writeFileSync(path, sound)
    writeFileSync(join(made.deployment.archive, `${id}.new`), 'half')
    await made.ingest()
    expect(existsSync(path)).toBe(false)
    expect(readArchive(made.deployment, readKey(made.deployment, 'store'), id).toString()).toBe(sound)
    expect(await made.landing('select count(*)::integer as n from landed_people')).toEqual([{ n: 1 }])
  })

  it('leaves no pipe and no spill in the work folder, whether it ended well or not', async () => {
    made.extract('small', 'a.csv', sound)
    made.extract('small', 'b.csv', 'No,NHS\n1,2')
    await expect(made.ingest()).rejects.toThrow('only 2 of the 12 columns')
    expect(readdirSync(made.deployment.work)).toEqual([])
  })
})

describe('the files of ingest', () => {
  it('are encrypted: landing and register open with the store key and no other', async () => {
    made.extract('small', 'a.csv', sound)
    await made.ingest()
    expect(
      await made.register("select encrypted, cipher from duckdb_databases() where database_name = 'register'"),
    ).toEqual([{ encrypted: true, cipher: 'GCM' }])
    const folder = join(made.deployment.versions, 'test.building')
    expect(readdirSync(folder)).toEqual(['register.duckdb'])
    expect(existsSync(versionFiles(folder).register)).toBe(true)
    writeFileSync(join(made.deployment.secrets, 'store.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`)
    const other = readKey(made.deployment, 'store')
    const { openDuckDB } = await import('../../store/openDuckDB.ts')
    await expect(
      openDuckDB({ attach: [{ path: made.deployment.landing, alias: 'landing', key: other, readOnly: true }] }),
    ).rejects.toThrow(/key does not fit/)
  })
})

/** A zip file of texts, not packed: just as much as a workbook needs. */
function storedZip(parts: Readonly<Record<string, string>>): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(parts)) {
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt32LE(text.length, 20)
    entry.writeUInt32LE(text.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    files.push(header, Buffer.from(name + text))
    directory.push(entry, Buffer.from(name))
    offset += header.length + name.length + text.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, ...directory, end])
}

describe('a workbook', () => {
  const contract = `
feed: book
agency: { name: Trust (made up), kind: A05 }
basis: register_consent
from: { folder: extracts/book, files: '*.xlsx' }
delivered_on: { value: 2026-10-31 }
read: { format: xlsx, skip_rows: 2 }
dates: ['%d/%m/%Y']
ignore: [Look-up]
tables:
  people:
    sheet: Patients
    fields:
      local_id: Trust no.
      nhs_number: NHS no
      family_name: { column: Name, part: '^([^,]+),' }
      given_name: { column: Name, part: ',\\s*(.+)$' }
      date_of_birth: DoB
  consents:
    sheet: Patients
    fields: { basis: { value: K01 }, decision_date: Consented }
  issues:
    sheet: Patients
    split: { column: Risks, by: [';', '|'] }
    fields:
      theme_code: { column: part, codes: { Eating: T20, SI: T03 } }
  reviews:
    sheet: Reviews
    skip_rows: 0
    where: { column: Type, in: [DSR review] }
    fields:
      local_id: Trust no.
      held_on: Met on
      kind: { value: dsr }
`

  async function book(): Promise<Uint8Array> {
    const workbook = new Excel.Workbook()
    const patients = workbook.addWorksheet('Patients')
    patients.addRow(['Caseload'])
    patients.addRow(['as at October'])
    patients.addRow(['Trust no.', 'NHS no', 'Name', 'DoB', 'Consented', 'Risks', 'Look-up'])
    patients.addRow(['H1', 9_990_000_018, 'MARSH, Ada', new Date('1990-01-05T00:00:00Z'), 46_200, 'Eating; SI', 'x'])
    patients.addRow([])
    patients.addRow(['H2', '999 000 0026', 'OTHER, Bo', '06/01/1991', 46_200.75, 'SI|', null])
    patients.addRow(['H3', '9990000027', 'THIRD, Cy', '06/01/1991', 46_200, null, null])
    const reviews = workbook.addWorksheet('Reviews')
    reviews.addRow(['Trust no.', 'Met on', 'Type'])
    reviews.addRow(['H1', new Date('2026-10-01T13:30:00Z'), 'DSR review'])
    reviews.addRow(['H1', new Date('2026-10-02T00:00:00Z'), 'CPA review'])
    reviews.addRow(['H9', new Date('2026-10-03T00:00:00Z'), 'DSR review'])
    reviews.addRow(['H3', new Date('2026-10-04T00:00:00Z'), 'DSR review'])
    return new Uint8Array(await workbook.xlsx.writeBuffer())
  }

  it('gives sheets, title rows, serial dates, split cells, and a row without its person to quarantine', async () => {
    made.contract('book', contract)
    made.extract('book', 'a.xlsx', await book())
    const report = await made.ingest()
    expect(report.landed[0]?.tallies).toMatchObject([
      { sheet: 'Patients', read: 3, accepted: 2, quarantined: 1, duplicates: 0 },
      { sheet: 'Reviews', read: 4, accepted: 3, quarantined: 1, duplicates: 0 },
    ])
    expect((await made.quarantine()).map(({ sheet, row, column, code }) => ({ sheet, row, column, code }))).toEqual([
      { sheet: 'Patients', row: 7, column: 'NHS no', code: 'nhs_number_check_digit' },
      { sheet: 'Reviews', row: 4, column: 'Trust no.', code: 'parent_row_missing' },
    ])
    expect(
      await made.register(`select given_name, date_of_birth::varchar as born from people order by given_name`),
    ).toEqual([
      { given_name: 'Ada', born: '1990-01-05' },
      { given_name: 'Bo', born: '1991-01-06' },
    ])
    expect(await made.register(`select consent_decided_on::varchar as day from persons`)).toEqual([
      { day: '2026-06-27' },
      { day: '2026-06-27' },
    ])
    expect(await made.register('select theme_code from issues order by 1')).toEqual([
      { theme_code: 'T03' },
      { theme_code: 'T03' },
      { theme_code: 'T20' },
    ])
    expect(await made.register('select held_on::varchar as held_on from reviews')).toEqual([{ held_on: '2026-10-01' }])
    expect(report.waitingRows).toBe(1)
  })

  it('without the sheet, or with a surplus column, stops', async () => {
    made.contract('book', contract.replace('ignore: [Look-up]\n', '').replace('sheet: Reviews', 'sheet: Meetings'))
    made.extract('book', 'a.xlsx', await book())
    await expect(made.ingest()).rejects.toThrow('no sheet named Meetings')
    made.contract('book', contract.replace('ignore: [Look-up]\n', ''))
    await expect(made.ingest()).rejects.toThrow('sheet Patients, column “Look-up” is unknown')
  })

  /** The workbook with the first letters of a part inside it written over. */
  async function spoilt(part: string, letters: Buffer): Promise<Buffer> {
    const bytes = Buffer.from(await book())
    letters.copy(bytes, bytes.indexOf(part) + part.length + 20)
    return bytes
  }

  it.each(['xl/worksheets/sheet1.xml', 'xl/sharedStrings.xml', 'xl/workbook.xml'])(
    'with %s spoilt is the sender’s to save again, not our bug',
    async (part) => {
      made.contract('book', contract)
      made.extract('book', 'a.xlsx', await spoilt(part, Buffer.alloc(60, 0xff)))
      await expect(made.ingest()).rejects.toThrow(/a\.xlsx: .*Open it in Excel, save it again/)
    },
  )

  it('with a row beyond what a sheet holds is refused, not counted up to', async () => {
    made.contract('book', contract)
    const sheet =
      '<worksheet><sheetData><row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
    const workbook = storedZip({
      'xl/workbook.xml':
        '<workbook><sheets><sheet name="Patients" r:id="a"/><sheet name="Reviews" r:id="a"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels':
        '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>',
      'xl/worksheets/sheet1.xml': sheet,
    })
    made.extract('book', 'a.xlsx', workbook)
    await expect(made.ingest()).rejects.toThrow('not a whole .xlsx workbook')
  })

  it('that is no workbook is told so', async () => {
    made.contract('book', contract)
    made.extract('book', 'a.xlsx', 'Trust no.,NHS no')
    await expect(made.ingest()).rejects.toThrow('not a whole .xlsx workbook')
  })
})
