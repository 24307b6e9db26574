import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'
import type { Dictionary } from '../register/readDictionary.ts'
import { runSql } from './runSql.ts'

/** Columns that ingest adds to each register table. They are our own: numbers, dates and names of contracts. */
const structural = ['row_id', 'person_id', 'feed', 'feed_agency', 'delivered_on', 'source_row']

/**
 * Default-deny (security.md PS-03): a register column that the dictionary does not declare stops the run. Its values would
 * not have crossed anyway, as the SQL names each column it reads; the stop is so that nobody loses data in silence.
 */
export async function checkRegisterColumns(connection: DuckDBConnection, dictionary: Dictionary): Promise<void> {
  const found = await runSql(
    connection,
    'reading the columns of the register',
    `select table_name, column_name from duckdb_columns()
    where database_name = 'register' and schema_name = 'main' order by table_name, column_index`,
  )
  const problems = dictionary.flatMap((table) => {
    const columns = found.filter((row) => row['table_name'] === table.name).map((row) => String(row['column_name']))
    if (columns.length === 0) throw outOfStep(`the table ${table.name}`)
    const missing = table.fields.find((field) => field.treatment !== 'drop' && !columns.includes(field.name))
    if (missing) throw outOfStep(`the column ${missing.name} of ${table.name}`)
    const declared = new Set([...structural, ...table.fields.map((field) => field.name)])
    return columns.filter((name) => !declared.has(name)).map((name) => ({ table: table.name, name }))
  })
  if (problems.length === 0) return
  throw new DsrError(
    'input',
    problems
      .map(({ table, name }) => `The register's table ${table} has a column ${name} without a declared treatment.`)
      .join('\n'),
    problems
      .map(
        ({ table, name }) =>
          `Write in register/dictionary/${table}.yml, under fields:\n  ${name}: { meaning: …, type: …, identifies: …, treatment: drop }`,
      )
      .join('\n'),
  )
}

function outOfStep(what: string): DsrError {
  return new DsrError(
    'corrupt',
    `The register lacks ${what}: it was built with another dictionary.`,
    'Run: dsr run, which builds it anew.',
  )
}
