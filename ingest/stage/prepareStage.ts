import type { DuckDBConnection } from '@duckdb/node-api'
import { nhsRemainderSql } from '../../register/nhsNumberSql.ts'
import type { Table } from '../../register/readDictionary.ts'
import { quoteText } from '../../store/openDuckDB.ts'
import { query, run, textIn } from '../statement.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import { rowColumns } from '../rowColumns.ts'

const months = 'january february march april may june july august september october november december'.split(' ')
const monthNames = [...months, ...months.map((month) => month.slice(0, 3)), 'sept']

/** Empty temporary tables for one delivery, and the small functions that its SQL is written in. */
export async function prepareStage(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<void> {
  await run(
    connection,
    'define clean',
    // Most texts have nothing to trim; looking at their ends first costs a fifth of trimming them.
    `create or replace temp macro clean(said) as case
        when ord(said) > 32 and ord(said) <> 160 and not (${['32', '9', '10', '13', '160'].map((space) => `ends_with(said, chr(${space}))`).join(' or ')}) then said
        else nullif(trim(said, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')
    end`,
  )
  // A time with an offset is a moment: its day is London's, so 23:00Z in summer is the next day (RL-07).
  await run(
    connection,
    'define iso_date',
    `create or replace temp macro iso_date(said) as case
        when length(said) = 10 then try_cast(said as date)
        when not regexp_full_match(said, '\\d{4}-\\d{2}-\\d{2}[T ].+') then null
        when regexp_matches(said, '(Z|z|[+-]\\d{2}:?\\d{2})$') then cast(timezone('Europe/London', try_cast(said as timestamptz)) as date)
        else cast(try_cast(said as timestamp) as date)
    end`,
  )
  // A month written out, or in the four letters and the full stop that some people give it, in the usual three.
  const word = `regexp_extract(said, '[A-Za-z]{3,}[.]?')`
  await run(
    connection,
    'define short_month',
    `create or replace temp macro short_month(said) as case
        when rtrim(lower(${word}), '.') in (${monthNames.map(quoteText).join(', ')}) then replace(said, ${word}, left(${word}, 3))
    end`,
  )
  await run(
    connection,
    'define serial_date',
    `create or replace temp macro serial_date(said) as case
        when regexp_full_match(said, '\\d{1,6}(\\.\\d+)?') then date '1899-12-30' + cast(floor(try_cast(said as double)) as integer)
    end`,
  )
  await run(
    connection,
    'define nhs_remainder',
    `create or replace temp macro nhs_remainder(number) as ${nhsRemainderSql('number')}`,
  )
  for (const table of dictionary) {
    const columns = rowColumns(table).map(({ name, type }) => `${name} ${type}`)
    await run(
      connection,
      `prepare ${table.name}`,
      `create or replace temp table staged_${table.name} (sheet smallint, record bigint, slot integer, ${columns.join(', ')}, faults integer[])`,
    )
  }
  await run(
    connection,
    'prepare faults',
    'create or replace temp table faults (sheet smallint, record bigint, fault integer)',
  )
}

/** Lets the tables of the last delivery go, which would take memory while the register is built. */
export async function forgetStage(connection: DuckDBConnection): Promise<void> {
  const tables = await query(
    connection,
    'list tables of the stage',
    `select table_name from duckdb_tables() where temporary and regexp_full_match(table_name, '(raw|staged)_.*')`,
  )
  for (const row of tables)
    await run(connection, 'let a table go', `drop table ${quoteName(textIn(row, 'table_name'))}`)
}
