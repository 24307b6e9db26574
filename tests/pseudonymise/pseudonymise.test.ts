import { createHmac } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { DsrError, describeFailure } from '../../register/errors.ts'
import { isPseudonym } from '../../register/pseudonym.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { deriveKey } from '../../store/keys.ts'
import { versionFiles } from '../../store/deployment.ts'
import type { Step } from '../../store/step.ts'
import { changeRegister, makeRegister, makeStep, readWarehouse, type Row } from './makeRegister.ts'

/** Invented people; NHS numbers of the 999 test range. */
const ada: Row = {
  person_id: 'ada',
  nhs_number: '9990000026',
  given_name: 'Ada',
  family_name: 'Winterbourne',
  date_of_birth: '2008-11-02',
  postcode: 'ZZ1 4QQ',
  phone: '01632 960123',
  lsoa21: 'E01007317',
  responsible_icb_ods: 'QOQ',
  communication_needs: 'Uses Makaton with Ada’s sister',
}
const ben: Row = {
  person_id: 'ben',
  nhs_number: '9990000034',
  given_name: 'Ben',
  family_name: 'Okonjo',
  date_of_birth: '1991-03-15',
  residence_utla_gss: 'E06000001',
  lsoa21: 'E01007317',
}

async function made(...people: Row[]): Promise<Step<'store' | 'pseudonym'>> {
  const step = makeStep()
  await makeRegister(step, { people })
  await pseudonymise(step)
  return step
}

async function pseudonymsOf(step: Step<'store'>): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = []
  await changeRegister(step, async (connection) => {
    const reader = await connection.runAndReadAll('select * from register.main.pseudonyms order by person_id')
    rows = reader.getRowObjectsJson()
  })
  return rows
}

describe('pseudonyms', () => {
  test('a pseudonym is the keyed hash of the NHS number, with its version', async () => {
    const step = await made(ada, ben)
    const digest = (label: string, message: string): string =>
      createHmac('sha256', deriveKey(step.keys.pseudonym, label)).update(message).digest('hex')
    const pseudonym = `p1_${digest('stored-pseudonym', 'dsr/pseudonym/v1|9990000026').slice(0, 32)}`
    expect((await pseudonymsOf(step))[0]).toEqual({
      person_id: 'ada',
      pseudonym,
      record_key: parseInt(digest('record-key', 'dsr/record-key/v1|9990000026').slice(0, 2), 16),
      audit_ref: `a1_${digest('audit-ref', 'dsr/audit-ref/v1|ada').slice(0, 32)}`,
    })
  })

  test('a hundred people without an NHS number are a hundred people, and stay so', async () => {
    const step = makeStep()
    const people = Array.from({ length: 100 }, (_, index) => ({
      person_id: `p${index}`,
      nhs_number: index % 2 ? null : '',
    }))
    await makeRegister(step, { people })
    expect(await pseudonymise(step)).toMatchObject({ people: 100, withoutNumber: 100 })
    const first = await pseudonymsOf(step)
    expect(new Set(first.map((row) => row['pseudonym'])).size).toBe(100)
    expect(first.every((row) => /^p1x_[0-9a-f]{32}$/.test(String(row['pseudonym'])))).toBe(true)
    await pseudonymise(step)
    expect(await pseudonymsOf(step)).toEqual(first)
  })

  test('a number that fails its check digit is treated as none', async () => {
    const step = await made({ ...ada, nhs_number: '9990000027' }, { ...ben, nhs_number: '9999999999' })
    expect((await pseudonymsOf(step)).map((row) => String(row['pseudonym']).slice(0, 4))).toEqual(['p1x_', 'p1x_'])
  })

  test('another key gives other pseudonyms, record keys and audit references', async () => {
    const step = makeStep()
    await makeRegister(step, { people: [ada, ben] })
    await pseudonymise(step)
    const before = await pseudonymsOf(step)
    await pseudonymise({ ...step, keys: { ...step.keys, pseudonym: Buffer.alloc(32, 9) } })
    const after = await pseudonymsOf(step)
    expect(after.map((row) => row['pseudonym'])).not.toEqual(before.map((row) => row['pseudonym']))
    expect(after.map((row) => row['audit_ref'])).not.toEqual(before.map((row) => row['audit_ref']))
  })

  test('two persons under one NHS number stop the run', async () => {
    const step = makeStep()
    await makeRegister(step, { people: [ada, { ...ben, nhs_number: '9990000026' }] })
    await expect(pseudonymise(step)).rejects.toThrow('1 people share a pseudonym')
  })

  test('a person known only to an inpatient feed has the pseudonym of their NHS number', async () => {
    const step = makeStep()
    const stay = {
      person_id: 'cy',
      nhs_number: '9990000042',
      admitted: '2026-03-01',
      date_of_birth: '2009-03-01',
      lsoa21: 'E01007317',
    }
    await makeRegister(step, {
      people: [ada],
      statutoryAdmissions: [{ ...stay, feed: 'inpatient', feed_agency: 'A01' }],
    })
    await pseudonymise(step)
    const [row] = await readWarehouse(step, 'select * from warehouse.register.statutory_admissions')
    expect(isPseudonym(String(row?.['pseudonym']))).toBe(true)
    expect(row).toMatchObject({
      age_band: '16-17',
      residence_icb_ods: 'QF7',
      residence_utla_gss: 'E08000038',
      deprivation_quintile: '1',
    })
  })
})

describe('treatments', () => {
  test('age is banded today for people and at the event for everything else', async () => {
    const step = makeStep()
    const ratings = [
      { person_id: 'ada', rating: 'red', effective_from: '2024-11-01' },
      { person_id: 'ada', rating: 'amber', effective_from: '2024-11-02' },
      { person_id: 'ada', rating: 'green', effective_from: '2026-11-02' },
      { person_id: 'ada', rating: 'blue', effective_from: '2008-11-01' },
    ]
    await makeRegister(step, {
      people: [ada],
      rows: { ratings, reviews: [{ person_id: 'ada', held_on: null, kind: 'dsr' }] },
    })
    await pseudonymise(step)
    expect(await readWarehouse(step, 'select age_band from warehouse.register.people')).toEqual([{ age_band: '16-17' }])
    expect(
      await readWarehouse(step, 'select rating, age_band from warehouse.register.ratings order by row_id'),
    ).toEqual([
      { rating: 'red', age_band: '0-15' },
      { rating: 'amber', age_band: '16-17' },
      { rating: 'green', age_band: '18-24' },
      { rating: 'blue', age_band: 'unknown' },
    ])
    expect(await readWarehouse(step, 'select age_band from warehouse.register.reviews')).toEqual([
      { age_band: 'unknown' },
    ])
  })

  test('residence is what the agency states, else what the small area says', async () => {
    const step = await made(ada, ben)
    const sql =
      'select residence_utla_gss, residence_icb_ods, deprivation_quintile from warehouse.register.people order by row_id'
    expect(await readWarehouse(step, sql)).toEqual([
      { residence_utla_gss: 'E08000038', residence_icb_ods: 'QF7', deprivation_quintile: '1' },
      { residence_utla_gss: 'E06000001', residence_icb_ods: 'QF7', deprivation_quintile: '1' },
    ])
  })

  test('no field that identifies has a column in the warehouse', async () => {
    const step = await made(ada)
    const columns = await readWarehouse(
      step,
      `select table_name || '.' || column_name as name from duckdb_columns() where database_name = 'warehouse' and not internal`,
    )
    const names = columns.map((row) => String(row['name']))
    const dropped = readDictionary().flatMap((table) =>
      table.fields.filter((field) => field.treatment !== 'keep').map((field) => `${table.name}.${field.name}`),
    )
    expect(dropped.length).toBeGreaterThan(40)
    // The residence council is kept from the agency; it is filled from the small area where the agency gives none.
    expect(dropped.filter((name) => names.includes(name))).toEqual([])
    expect(names.filter((name) => /person_id|case_ref|source_row|birth|nhs|audit/.test(name))).toEqual([])
  })

  test('no direct value is anywhere in the warehouse', async () => {
    const step = makeStep()
    const rows = {
      professionals: [{ person_id: 'ada', name: 'Jo Bloggs-Whitby', email: 'jo@example.org', phone: '01632 960999' }],
      reviews: [{ person_id: 'ada', held_on: '2026-10-01', kind: 'dsr', summary: 'Ada Winterbourne hit staff' }],
      disagreements: [{ person_id: 'ada', field: 'family_name', feed: 'council', value: 'Winterbourne' }],
    }
    await makeRegister(step, { people: [ada], rows })
    await pseudonymise(step)
    const tables = await readWarehouse(
      step,
      `select schema_name || '.' || table_name as name from duckdb_tables() where database_name = 'warehouse'`,
    )
    expect(tables.length).toBeGreaterThan(15)
    const dump = JSON.stringify(
      await Promise.all(tables.map((row) => readWarehouse(step, `select * from warehouse.${String(row['name'])}`))),
    )
    expect(dump).toContain('p1_')
    for (const value of [
      'Ada',
      'Winterbourne',
      '9990000026',
      '2008-11-02',
      'ZZ1',
      '960123',
      'Makaton',
      'Bloggs',
      'jo@',
      'hit staff',
      'E01007317',
      '"ada"',
      'local-ada',
    ]) {
      expect(dump).not.toContain(value)
    }
  })

  test('every row of the register is in the warehouse, and a run twice changes nothing', async () => {
    const step = makeStep()
    const reviews = Array.from({ length: 30 }, (_, day) => ({
      person_id: day % 2 ? 'ada' : 'ben',
      held_on: `2026-09-${day + 1}`,
      kind: 'dsr',
    }))
    await makeRegister(step, { people: [ada, ben], rows: { reviews } })
    const first = await pseudonymise(step)
    expect(first.rows).toMatchObject({ people: 2, reviews: 30, feeds: 2 })
    const dump = (): Promise<unknown> => readWarehouse(step, 'select * from warehouse.register.reviews order by row_id')
    const before = await dump()
    expect(await pseudonymise(step)).toEqual(first)
    expect(await dump()).toEqual(before)
  })

  test('a row of nobody past the gate stops the run instead of being lost', async () => {
    const step = makeStep()
    await makeRegister(step, {
      people: [ada],
      rows: { reviews: [{ person_id: 'stranger', held_on: '2026-01-01', kind: 'dsr' }] },
    })
    await expect(pseudonymise(step)).rejects.toThrow('reviews: 1 rows more')
  })
})

describe('default-deny', () => {
  test('a register column without a treatment stops the run and names the line to write', async () => {
    const step = makeStep()
    await makeRegister(step, { people: [ada] })
    await changeRegister(step, async (connection) => {
      await connection.run(`alter table register.main.reviews add column remark varchar default 'Ada Winterbourne'`)
    })
    const error = await pseudonymise(step).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DsrError)
    expect(describeFailure(error)).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(/reviews has a column remark[^]*register\/dictionary\/reviews\.yml[^]*remark: \{/),
    })
    expect(describeFailure(error).text).not.toContain('Winterbourne')
  })

  test('a register built with another dictionary is said to be so', async () => {
    const step = makeStep()
    await makeRegister(step, { people: [ada] })
    await changeRegister(step, async (connection) => {
      await connection.run('alter table register.main.ratings drop column score')
    })
    await expect(pseudonymise(step)).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining('score of ratings'),
    })
  })
})

describe('secrets and files', () => {
  test('no error of DuckDB takes a value or a key with it', async () => {
    const step = makeStep()
    await makeRegister(step, { people: [ada] })
    await changeRegister(step, async (connection) => {
      await connection.run(`alter table register.main.ratings alter score type varchar`)
      await connection.run(
        `insert into register.main.ratings (row_id, person_id, score) values (1, 'ada', 'Winterbourne 9990000026')`,
      )
    })
    const error = await pseudonymise(step).catch((thrown: unknown) => thrown)
    const all = error instanceof Error ? `${error.message} ${error.stack} ${String(error.cause)}` : ''
    expect(all).toContain('pseudonymising ratings failed in DuckDB (Conversion Error)')
    expect(all).not.toMatch(/Winterbourne|9990000026|AQEB|AgIC|0101|0202/)
  })

  test('neither key is in a file or a line of progress', async () => {
    const lines: string[] = []
    const step = makeStep(lines)
    await makeRegister(step, { people: [ada, ben] })
    await pseudonymise(step)
    const derived = ['stored-pseudonym', 'record-key', 'audit-ref'].map((label) =>
      deriveKey(step.keys.pseudonym, label),
    )
    const files = readdirSync(step.deployment.home, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name))
      for (const key of [step.keys.store, step.keys.pseudonym, ...derived]) {
        for (const form of [key, Buffer.from(key.toString('hex')), Buffer.from(key.toString('base64'))]) {
          expect(bytes.includes(form)).toBe(false)
        }
      }
    }
    expect(lines.join('\n')).toMatch(
      /^2 people given pseudonyms, 0 of them without an NHS number\n\d+ rows in \d+ tables/,
    )
  })

  test('the warehouse is for its owner only', async () => {
    const step = await made(ada)
    expect(statSync(versionFiles(step.versionFolder).warehouse).mode & 0o077).toBe(0)
  })

  test('a wrong store key is said to be wrong', async () => {
    const step = await made(ada)
    await expect(pseudonymise({ ...step, keys: { ...step.keys, store: Buffer.alloc(32, 7) } })).rejects.toMatchObject({
      kind: 'keyWrong',
    })
  })
})
