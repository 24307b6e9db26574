import type { DuckDBConnection } from '@duckdb/node-api'
import type { PseudonymisedTable } from '../register/pseudonymisedColumns.ts'
import { quoteName } from '../store/openDuckDB.ts'

/** A row by column; a column left out is null. Dates are texts, yyyy-mm-dd. */
export type Row = Readonly<Record<string, string | number | boolean | readonly string[] | null>>

/**
 * Makes (or makes anew) one table as declared, with `rows` in it, all bound as one parameter.
 *
 * @param schema catalogue and schema as an SQL name
 */
export async function writeTable(
  connection: DuckDBConnection,
  schema: string,
  table: PseudonymisedTable,
  rows: readonly Row[],
): Promise<void> {
  const name = `${schema}.${quoteName(table.name)}`
  const columns = table.columns.map((column) => `${quoteName(column.name)} ${column.type}`)
  await connection.run(`create or replace table ${name} (${columns.join(', ')})`)
  await connection.run(
    `insert into ${name} by name select row.* from (select unnest(from_json($rows, $shape)) as row)`,
    { rows: JSON.stringify(rows), shape: JSON.stringify([shapeOf(table)]) },
  )
}

/** DuckDB's way to say what a JSON object holds: column name → type; a list of texts is ["varchar"]. */
function shapeOf(table: PseudonymisedTable): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    table.columns.map(({ name, type }) => [name, type.endsWith('[]') ? [type.slice(0, -2)] : type]),
  )
}
