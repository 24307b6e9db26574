import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import { rowColumns } from '../rowColumns.ts'
import { query, run, textIn } from '../statement.ts'

/**
 * The tables of landing.duckdb: every delivery that was ever taken, what it said, what was set aside and why (`named`: about
 * whom; `heard`: withdrawals and refusals in it; `resolved`: what was put right since), and the case references given. Only ingest opens it. A field new to the dictionary becomes a column.
 */
export async function prepareLanding(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<void> {
  await run(
    connection,
    'prepare deliveries',
    `create table if not exists landing.deliveries (
        delivery varchar not null, feed varchar not null, file_name varchar not null, digest varchar not null, contract_digest varchar not null,
        delivered_on date not null, landed_at timestamp not null, extract varchar, landed_on date, forced_reason varchar, manifest varchar
    )`,
  )
  await widenDeliveries(connection)
  await run(
    connection,
    'prepare tallies',
    `create table if not exists landing.tallies (
        delivery varchar, sheet varchar, rows_read bigint, rows_accepted bigint, rows_quarantined bigint, rows_duplicate bigint, rows_not_data bigint
    )`,
  )
  await run(
    connection,
    'prepare quarantine',
    'create table if not exists landing.quarantine (delivery varchar, sheet varchar, record bigint, verdict varchar, said varchar)',
  )
  await run(
    connection,
    'prepare faults',
    `create table if not exists landing.faults (
        delivery varchar, sheet varchar, record bigint, table_name varchar, field varchar, column_name varchar, code varchar, severity varchar
    )`,
  )
  await run(
    connection,
    'prepare names of records set aside',
    'create table if not exists landing.named (delivery varchar, sheet varchar, record bigint, local_id varchar)',
  )
  await run(
    connection,
    'prepare digests of records',
    'create table if not exists landing.record_digests (delivery varchar, sheet varchar, record bigint, local_id varchar, digest varchar)',
  )
  await run(
    connection,
    'prepare decisions heard',
    `create table if not exists landing.heard (
        delivery varchar, record bigint, local_id varchar, nhs_number varchar, family_name varchar, given_name varchar, date_of_birth date,
        postcode varchar, code varchar, decided_on date, sheet varchar
    )`,
  )
  await run(connection, 'widen decisions heard', 'alter table landing.heard add column if not exists sheet varchar')
  await run(
    connection,
    'prepare corrections',
    'create table if not exists landing.resolved (delivery varchar, sheet varchar, record bigint, codes varchar[], resolved_on date, digest varchar)',
  )
  await run(
    connection,
    'prepare case references',
    'create table if not exists landing.case_refs (person_id varchar not null, case_ref varchar not null, given_at timestamp not null)',
  )
  const found = await query(
    connection,
    'list columns',
    `select table_name, column_name from duckdb_columns() where database_name = 'landing'`,
  )
  const tables = new Set(found.map((row) => textIn(row, 'table_name')))
  const known = new Set(found.map((row) => `${textIn(row, 'table_name')}.${quoteName(textIn(row, 'column_name'))}`))
  for (const table of dictionary) {
    const columns = rowColumns(table)
    await run(
      connection,
      `prepare landed ${table.name}`,
      `create table if not exists landing.landed_${table.name} (
          delivery varchar, record bigint, slot integer, ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}
      )`,
    )
    if (!tables.has(`landed_${table.name}`)) continue
    for (const { name, type } of columns.filter((column) => !known.has(`landed_${table.name}.${column.name}`))) {
      await run(
        connection,
        `widen landed ${table.name}`,
        `alter table landing.landed_${table.name} add column if not exists ${name} ${type}`,
      )
    }
  }
}

/** A landing of before: what it did not note is taken as it was then, when every extract was full and order of arrival told. */
async function widenDeliveries(connection: DuckDBConnection): Promise<void> {
  const added = ['extract varchar', 'landed_on date', 'forced_reason varchar', 'manifest varchar']
  for (const column of added)
    await run(connection, 'widen deliveries', `alter table landing.deliveries add column if not exists ${column}`)
  await run(connection, 'widen deliveries', 'alter table landing.deliveries drop column if exists sequence')
  await run(
    connection,
    'complete deliveries',
    `update landing.deliveries
    set extract = coalesce(extract, 'full'), landed_on = coalesce(landed_on, cast(landed_at as date)), manifest = coalesce(manifest, 'none')
    where extract is null or landed_on is null or manifest is null`,
  )
}
