import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { pseudonymisedTables, type PseudonymisedTable } from '../register/pseudonymisedColumns.ts'
import { readDictionary, type Dictionary } from '../register/readDictionary.ts'
import { versionFiles } from '../store/deployment.ts'
import { firstGeneration, type KeyGeneration } from '../store/keys.ts'
import { makeTempDirectory, openDuckDB, quoteName } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { checkRegisterColumns } from './checkRegisterColumns.ts'
import { codeNotes } from './codeNotes.ts'
import { codeRoles } from './codeRoles.ts'
import { makePseudonyms } from './makePseudonyms.ts'
import { countPlaces, loadPlaces, postcodeAttachment, type PlaceCounts } from './places.ts'
import { runSql } from './runSql.ts'
import { countSmallGroups, type SmallGroups } from './smallGroups.ts'
import { sourceSql, treatedTableSql } from './treatedTableSql.ts'

export interface PseudonymiseReport {
  /** Everyone in the register file, those known only by a statutory inpatient feed included. */
  readonly people: number
  readonly withoutNumber: number
  /** Rows written, by table of the warehouse. */
  readonly rows: Readonly<Record<string, number>>
  /** How it is known where people live. */
  readonly places: PlaceCounts
  /** How far people can be told apart, by table (security.md PS-10). */
  readonly smallGroups: readonly SmallGroups[]
}

/**
 * Identified → pseudonymised (design.md 6): register.duckdb gets its table of pseudonyms, and a new warehouse.duckdb gets
 * schema `register`, in which no column identifies a person and no text is free. Run again, it gives the same rows.
 *
 * @param dictionary what may cross and how; the project's own unless a test brings another
 * @param generation what belongs to the pseudonym key beside its bytes
 * @throws DsrError `input` for a register column without a declared treatment
 */
export async function pseudonymise(
  step: Step<'store' | 'pseudonym'>,
  dictionary: Dictionary = readDictionary(),
  generation: KeyGeneration = firstGeneration,
): Promise<PseudonymiseReport> {
  const files = versionFiles(step.versionFolder)
  for (const file of [files.warehouse, `${files.warehouse}.wal`]) rmSync(file, { force: true })
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: step.keys.store },
      { path: files.warehouse, alias: 'warehouse' },
      ...postcodeAttachment(step.deployment.reference),
    ],
    // Only a file that httpfs opens can be written encrypted (security.md F-03).
    extensions: ['httpfs'],
    tempDirectory: makeTempDirectory(join(step.deployment.work, 'pseudonymise')),
    lockDown: true,
  })
  try {
    chmodSync(files.warehouse, 0o600)
    return await pseudonymiseInto(database.connection, step, dictionary, generation)
  } finally {
    database.close()
  }
}

async function pseudonymiseInto(
  connection: DuckDBConnection,
  step: Step<'store' | 'pseudonym'>,
  dictionary: Dictionary,
  generation: KeyGeneration,
): Promise<PseudonymiseReport> {
  await checkRegisterColumns(connection, dictionary)
  const { people, withoutNumber } = await makePseudonyms(connection, step.keys.pseudonym, generation)
  step.report(`${count(people)} people given pseudonyms, ${count(withoutNumber)} of them without an NHS number`)

  await runSql(connection, 'setting the day', 'set variable as_of = $day', { day: step.asOf })
  await loadPlaces(connection, step.deployment.reference)
  await codeRoles(connection)
  await runSql(connection, 'making the warehouse', 'create schema warehouse.register')
  const rows: Record<string, number> = {}
  for (const table of pseudonymisedTables(dictionary)) {
    if (table.name === 'coded_notes') await codeNotes(connection)
    else await writeTable(connection, table, dictionary)
    rows[table.name] = await countRows(connection, `warehouse.register.${quoteName(table.name)}`)
  }
  await runSql(connection, 'writing the warehouse', 'checkpoint warehouse')
  await runSql(connection, 'writing the register', 'checkpoint register')
  const total = Object.values(rows).reduce((sum, part) => sum + part, 0)
  step.report(
    `${count(total)} rows in ${Object.keys(rows).length} tables, ${count(rows['coded_notes'] ?? 0)} of them codes found in notes`,
  )
  const smallGroups = await countSmallGroups(connection, dictionary, step.settings.extract_min_group)
  return { people, withoutNumber, rows, places: await countPlaces(connection), smallGroups }
}

/** No row is lost on the way: as many come out as went in, or the run stops. */
async function writeTable(
  connection: DuckDBConnection,
  table: PseudonymisedTable,
  dictionary: Dictionary,
): Promise<void> {
  await runSql(connection, `pseudonymising ${table.name}`, treatedTableSql(table, dictionary))
  const source = sourceSql(table)
  const lost =
    (await countRows(connection, source)) - (await countRows(connection, `warehouse.register.${quoteName(table.name)}`))
  if (lost !== 0) throw new Error(`${table.name}: ${lost} rows more in the register than after pseudonymising`)
}

async function countRows(connection: DuckDBConnection, from: string): Promise<number> {
  const [row] = await runSql(connection, 'counting rows', `select count(*) as rows from ${from}`)
  return Number(row?.['rows'])
}

function count(number: number): string {
  return number.toLocaleString('en-GB')
}
