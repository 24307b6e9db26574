import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'

/**
 * Runs one statement over identified rows. DuckDB's messages quote rows, casts and bound variables (security.md F-10,
 * DB-06), so a failure keeps the task and the kind of fault and drops the text, cause included.
 *
 * @returns rows as objects; numbers of 64 bits as bigint
 */
export async function runSql(
  connection: DuckDBConnection,
  task: string,
  sql: string,
  values?: Record<string, DuckDBValue>,
): Promise<Record<string, DuckDBValue>[]> {
  try {
    return (await connection.runAndReadAll(sql, values)).getRowObjects()
  } catch (error) {
    const kind = error instanceof Error ? /^[A-Z][A-Za-z -]{2,30} Error(?=:)/.exec(error.message)?.[0] : undefined
    // oxlint-disable-next-line preserve-caught-error
    throw new Error(`${task} failed in DuckDB${kind ? ` (${kind})` : ''}`)
  }
}
