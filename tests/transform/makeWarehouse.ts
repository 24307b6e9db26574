import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pseudonymisedTables } from '../../register/pseudonymisedColumns.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { checkSettings } from '../../register/settings.ts'
import { deploymentAt, versionFiles } from '../../store/deployment.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'
import { writeTable, type Row } from '../../transform/writeTable.ts'

export interface MadeWarehouse {
  readonly step: Step
  /** Progress lines that the step reported. */
  readonly lines: string[]
  /** Rows of a query on the built warehouse; dates as yyyy-mm-dd, all numbers as numbers. */
  ask(sql: string): Promise<Record<string, unknown>[]>
}

/** What a test need not say. Readable names stand in for pseudonyms. */
const usual: Row = {
  feed: 'council',
  feed_agency: 'A02',
  delivered_on: '2026-10-30',
  age_band: '25-34',
  consent_state: 'valid',
  is_consent_grace_over: false,
  residence_utla_gss: null,
}

/** The folder of a version with a warehouse as pseudonymise leaves it: `tables` in schema register, the rest empty. */
export async function makeWarehouse(
  asOf: string,
  tables: Readonly<Record<string, readonly Row[]>>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<MadeWarehouse> {
  const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-transform-')))
  const versionFolder = join(deployment.versions, '1.building')
  mkdirSync(versionFolder, { recursive: true })
  const { warehouse } = versionFiles(versionFolder)
  const database = await openDuckDB({ attach: [{ path: warehouse, alias: 'warehouse' }] })
  await database.connection.run('create schema warehouse.register')
  for (const table of pseudonymisedTables(readDictionary())) {
    const columns = table.columns.map((column) => column.name)
    const rows = (tables[table.name] ?? []).map((row, index) => ({ row_id: index + 1, ...usual, ...row }))
    await writeTable(
      database.connection,
      'warehouse.register',
      table,
      rows.map((row) => only(row, columns)),
    )
  }
  await database.connection.run('checkpoint warehouse')
  database.close()
  const lines: string[] = []
  const step: Step = {
    deployment,
    versionFolder,
    asOf,
    settings: checkSettings({ icbs: ['QOQ', 'QF7'], history_months: 12, ...settings }, 'dsr.yml'),
    keys: {},
    report: (line) => lines.push(line),
  }
  return { step, lines, ask: (sql) => ask(warehouse, sql) }
}

function only(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name)))
}

async function ask(path: string, sql: string): Promise<Record<string, unknown>[]> {
  const database = await openDuckDB({ attach: [{ path, alias: 'warehouse', readOnly: true }] })
  try {
    await database.connection.run('use warehouse')
    const reader = await database.connection.runAndReadAll(sql)
    return reader.getRowObjectsJson().map((row) => Object.fromEntries(Object.entries(row).map(plainNumber)))
  } finally {
    database.close()
  }
}

/** 64-bit numbers come as text; every other text of these tests holds a letter or a dash. */
function plainNumber([name, value]: [string, unknown]): [string, unknown] {
  return [name, typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value]
}
