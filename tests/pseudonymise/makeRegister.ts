import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll } from 'vitest'
import { duckdbType, readDictionary, type Table } from '../../register/readDictionary.ts'
import { checkSettings } from '../../register/settings.ts'
import { deploymentAt, versionFiles } from '../../store/deployment.ts'
import { openDuckDB, quoteName } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'

/** A row by column; absent columns are null. Dates as 2026-10-31, lists as arrays. */
export type Row = Readonly<Record<string, string | number | boolean | readonly string[] | null>>

export interface RegisterContent {
  /** One per person; `person_id` is needed, and `nhs_number`, names and birth date where a test looks at them. */
  readonly people: readonly Row[]
  /** Rows of the other tables, by table; each with its `person_id`. */
  readonly rows?: Readonly<Record<string, readonly Row[]>>
  /** People whom only an inpatient commissioning feed knows. */
  readonly statutoryAdmissions?: readonly Row[]
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder of its own for a test, removed when its file has finished. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dsr-pseudonymise-'))
  folders.push(folder)
  return folder
}

/** A step on a new deployment in a folder of its own, with two contracts and keys of fixed bytes. */
export function makeStep(lines: string[] = []): Step<'store' | 'pseudonym'> {
  const deployment = deploymentAt(makeFolder())
  for (const folder of [deployment.sources, deployment.work, deployment.releases])
    mkdirSync(folder, { recursive: true })
  for (const feed of ['council', 'inpatient']) writeFileSync(join(deployment.sources, `${feed}.yml`), `feed: ${feed}\n`)
  const versionFolder = join(deployment.versions, '2026-11-01.1.building')
  mkdirSync(versionFolder, { recursive: true })
  return {
    deployment,
    settings: checkSettings({ icbs: ['QOQ', 'QF7'], made_up: true }, 'dsr.yml'),
    asOf: '2026-11-01',
    keys: { store: Buffer.alloc(32, 1), pseudonym: Buffer.alloc(32, 2) },
    versionFolder,
    report: (line) => lines.push(line),
  }
}

/** Writes register.duckdb as ingest does, with every table and column of the dictionary, and the given rows. */
export async function makeRegister(step: Step<'store'>, content: RegisterContent): Promise<void> {
  await changeRegister(step, async (connection) => {
    for (const [table, columns] of tablesOfRegister()) {
      const list = columns.map(([name, type]) => `${quoteName(name)} ${type}`).join(', ')
      await connection.run(`create table register.main.${quoteName(table)} (${list})`)
    }
    const withConsent = content.people.map((person) => ({
      person_id: person['person_id'] ?? null,
      case_ref: `case${String(person['person_id'])}`.slice(0, 12).padEnd(12, '2'),
      nhs_number: person['nhs_number'] ?? null,
      consent_basis: 'K01',
      consent_state: 'valid',
      consent_decided_on: '2026-01-05',
    }))
    await insertRows(connection, 'persons', withConsent)
    const described = content.people.map((person) => ({
      sex_code: '1',
      local_id: `local-${String(person['person_id'])}`,
      ...person,
    }))
    await insertRows(connection, 'people', described.map(withOrigin))
    await insertRows(connection, 'agency_records', described.map(withOrigin))
    await insertRows(connection, 'statutory_admissions', (content.statutoryAdmissions ?? []).map(withOrigin))
    for (const [table, rows] of Object.entries(content.rows ?? {})) {
      await insertRows(connection, table, table === 'disagreements' ? rows : rows.map(withOrigin))
    }
    await insertRows(connection, 'feeds', [
      feed('council', 'A02', 'register_consent'),
      feed('inpatient', 'A01', 'inpatient_commissioning'),
    ])
  })
}

/** Opens register.duckdb of the version for writing, so that a test can look into it or spoil it. */
export async function changeRegister(
  step: Step<'store'>,
  change: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const database = await openDuckDB({
    attach: [{ path: versionFiles(step.versionFolder).register, alias: 'register', key: step.keys.store }],
    extensions: ['httpfs'],
  })
  try {
    await change(database.connection)
  } finally {
    database.close()
  }
}

/** Opens warehouse.duckdb of the version for writing. */
export async function changeWarehouse(
  step: Step<'store'>,
  change: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const database = await openDuckDB({
    attach: [{ path: versionFiles(step.versionFolder).warehouse, alias: 'warehouse' }],
  })
  try {
    await change(database.connection)
  } finally {
    database.close()
  }
}

/** Rows of a query on the warehouse, with plain values. */
export async function readWarehouse(step: Step<'store'>, sql: string): Promise<Record<string, unknown>[]> {
  const database = await openDuckDB({
    attach: [{ path: versionFiles(step.versionFolder).warehouse, alias: 'warehouse', readOnly: true }],
  })
  try {
    return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    database.close()
  }
}

type Columns = readonly (readonly [string, string])[]

const origin: Columns = [
  ['row_id', 'bigint'],
  ['person_id', 'varchar'],
  ['feed', 'varchar'],
  ['feed_agency', 'varchar'],
  ['delivered_on', 'date'],
  ['source_row', 'bigint'],
]

const texts = (...names: string[]): Columns => names.map((name) => [name, 'varchar'] as const)

function tablesOfRegister(): readonly (readonly [string, Columns])[] {
  const dictionary = readDictionary()
  const fields = (table: Table | undefined): Columns =>
    (table?.fields ?? []).map((field) => [field.name, duckdbType(field)] as const)
  const people = dictionary.find((table) => table.name === 'people')
  const admissions = dictionary.find((table) => table.name === 'admissions')
  const ofPerson = [
    'nhs_number',
    'date_of_birth',
    'sex_code',
    'ld_status',
    'autism_status',
    'responsible_icb_ods',
    'residence_utla_gss',
    'lsoa21',
  ]
  return [
    [
      'persons',
      [
        ...texts('person_id', 'case_ref', 'nhs_number', 'consent_basis', 'consent_state'),
        ['consent_decided_on', 'date'],
        ['grace_ends_on', 'date'],
      ],
    ],
    ['agency_records', [...origin, ...fields(people)]],
    ...dictionary.map((table) => [table.name, [...origin, ...fields(table)]] as const),
    [
      'statutory_admissions',
      [...origin, ...fields(people).filter(([name]) => ofPerson.includes(name)), ...fields(admissions)],
    ],
    [
      'disagreements',
      [...texts('person_id', 'field', 'feed', 'value'), ['recorded_on', 'date'], ['is_used', 'boolean']],
    ],
    [
      'feeds',
      [
        ...texts('feed', 'agency_name', 'agency_kind', 'basis'),
        ['delivered_on', 'date'],
        ...['rows_read', 'rows_accepted', 'rows_quarantined', 'rows_duplicate'].map(
          (name) => [name, 'bigint'] as const,
        ),
      ],
    ],
    ['quarantine_counts', [...texts('feed', 'code'), ['rows', 'bigint']]],
    ['exclusions', [...texts('reason'), ['people', 'bigint']]],
  ]
}

function withOrigin(row: Row, index: number): Row {
  return {
    row_id: index + 1,
    feed: 'council',
    feed_agency: 'A02',
    delivered_on: '2026-10-30',
    source_row: index + 2,
    ...row,
  }
}

function feed(name: string, kind: string, basis: string): Row {
  return {
    feed: name,
    agency_name: 'Northmoor (made up)',
    agency_kind: kind,
    basis,
    delivered_on: '2026-10-30',
    rows_read: 3,
    rows_accepted: 3,
    rows_quarantined: 0,
    rows_duplicate: 0,
  }
}

/** All values go in as text and become the type of their column: the tests' rows stay readable. */
async function insertRows(connection: DuckDBConnection, table: string, rows: readonly Row[]): Promise<void> {
  const types = new Map(tablesOfRegister().find(([name]) => name === table)?.[1])
  for (const row of rows) {
    const names = Object.keys(row)
    const values = names.map((name, index) => `cast($${index + 1} as ${types.get(name) ?? 'varchar'})`)
    await connection.run(
      `insert into register.main.${quoteName(table)} (${names.map(quoteName).join(', ')}) values (${values.join(', ')})`,
      names.map((name) => textOf(row[name] ?? null)),
    )
  }
}

function textOf(value: Row[string]): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}
