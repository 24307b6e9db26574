import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../../store/openDuckDB.ts'
import { runSql } from '../runSql.ts'
import type { CoarserColumn } from './coarserColumn.ts'

/** A table of the extract as it stands on one rung of the ladder. */
export interface RungTable {
  readonly name: string
  readonly columns: readonly CoarserColumn[]
}

/** What is in a group under the limit. */
export interface TooFew {
  /** People whose row of `people` is like that of too few others. */
  readonly people: number
  /** Rows of the other tables that too few people share, by table; those of such people are not counted again. */
  readonly rows: Readonly<Record<string, number>>
}

/** Between the values of a combination: in no code, date or number. */
const separator = 'chr(31)'

/**
 * Makes the temporary tables of a rung: `x_<table>` with the columns of the files as text, and beside them `who`, `row_id`
 * and `known`, the values an outsider may know, as one text.
 */
export async function makeRung(connection: DuckDBConnection, tables: readonly RungTable[]): Promise<void> {
  for (const { name, columns } of tables) {
    const known = columns.filter(({ column }) => column.isKnownOutside)
    const text = known.map(({ name: heading }) => `coalesce(${quoteName(heading)}, chr(30))`)
    const rowId = name === 'people' ? '' : 'source.row_id, '
    const selected = columns.map(({ name: heading, sql }) => `, ${sql} as ${quoteName(heading)}`).join('')
    await runSql(
      connection,
      `making ${name} of the extract`,
      `create or replace temp table ${temporary(name)} as
      select *, ${text.length === 0 ? `''` : text.join(` || ${separator} || `)} as known
      from (
          select ${rowId}chosen_people.who${selected}
          from warehouse.register.${quoteName(name)} as source
          join chosen_people on chosen_people.pseudonym = source.pseudonym
      )`,
    )
  }
}

/**
 * Finds who and what is in a group under the limit: temporary tables `few_people` (who) and `few_<table>` (row_id).
 * A group of people is everyone with the same known values in `people`; one of rows is everyone of the same group of people
 * who has a row with the same known values.
 */
export async function findTooFew(
  connection: DuckDBConnection,
  tables: readonly RungTable[],
  limit: number,
): Promise<TooFew> {
  const hasPeople = tables.some(({ name }) => name === 'people')
  await runSql(
    connection,
    'finding people in small groups',
    hasPeople
      ? `create or replace temp table few_people as
        select who from x_people
        join (select known from x_people group by known having count(*) < ${limit}) using (known)`
      : `create or replace temp table few_people as select who from chosen_people where false`,
  )
  const rows: Record<string, number> = {}
  for (const { name } of tables.filter((table) => table.name !== 'people')) {
    await runSql(connection, `finding rows of ${name} in small groups`, fewRowsSql(name, hasPeople, limit))
    rows[name] = await countRows(connection, `few_${name}`)
  }
  return { people: await countRows(connection, 'few_people'), rows }
}

function fewRowsSql(table: string, hasPeople: boolean, limit: number): string {
  const known = hasPeople ? `people.known || chr(29) || source.known` : 'source.known'
  const people = hasPeople ? 'join x_people as people on people.who = source.who' : ''
  return `
create or replace temp table ${quoteName(`few_${table}`)} as
with

combined as (
    select source.row_id, source.who, ${known} as known
    from ${temporary(table)} as source
    ${people}
    anti join few_people on few_people.who = source.who
),

shared_by_few as (
    select known
    from combined
    group by known
    having count(distinct who) < ${limit}
)

select combined.row_id
from combined
join shared_by_few on shared_by_few.known = combined.known`
}

/** Takes out what `findTooFew` found. Whole groups go, so that no other group becomes smaller. */
export async function leaveOut(connection: DuckDBConnection, tables: readonly RungTable[]): Promise<void> {
  for (const { name } of tables) {
    const rows = name === 'people' ? '' : ` or row_id in (select row_id from ${quoteName(`few_${name}`)})`
    await runSql(
      connection,
      `leaving rows of ${name} out`,
      `delete from ${temporary(name)} where who in (select who from few_people)${rows}`,
    )
  }
}

export async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const [row] = await runSql(connection, 'counting rows', `select count(*) as rows from ${quoteName(table)}`)
  return Number(row?.['rows'] ?? 0)
}

export function temporary(table: string): string {
  return quoteName(`x_${table}`)
}
