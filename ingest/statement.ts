import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'

type Values = Record<string, DuckDBValue>
export type Row = Readonly<Record<string, unknown>>

/**
 * Runs SQL. DuckDB's error texts quote rows and keys (security.md F-10), so only the kind of error survives; `what`
 * says in our words what was being done.
 */
export async function run(connection: DuckDBConnection, what: string, sql: string, values?: Values): Promise<void> {
  try {
    await connection.run(sql, values)
  } catch (error) {
    throw withoutData(error, what)
  }
}

/** Runs a query and gives its rows as objects; big integers come as numbers. */
export async function query(
  connection: DuckDBConnection,
  what: string,
  sql: string,
  values?: Values,
): Promise<readonly Row[]> {
  try {
    const reader = await connection.runAndReadAll(sql, values)
    return reader
      .getRowObjects()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
        ),
      )
  } catch (error) {
    throw withoutData(error, what)
  }
}

/** The number in a row, 0 where there is none. */
export function numberIn(row: Row | undefined, name: string): number {
  return Number(row?.[name] ?? 0)
}

/** The text in a row, '' where there is none. */
export function textIn(row: Row | undefined, name: string): string {
  const value = row?.[name]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** DuckDB would not do it; why is not said, for its reasons quote data. */
export class RefusedStatement extends Error {}

function withoutData(error: unknown, what: string): Error {
  if (error instanceof DsrError) return error
  const text = error instanceof Error ? error.message : ''
  const kind = /^([A-Z][a-zA-Z-]+(?: (?:of|[A-Z][a-z]+))*) Error/.exec(text)?.[1] ?? 'Unknown'
  if (/no space left|disk/i.test(text) && kind === 'IO') {
    return new DsrError('input', `The disk is full (${what}).`, 'Make room, then run again: nothing was half written.')
  }
  if (kind === 'Out of Memory') {
    return new DsrError(
      'input',
      `There is not enough memory (${what}).`,
      'Give the process more memory, or split the file.',
    )
  }
  return new RefusedStatement(`DuckDB refused a statement (${kind}): ${what}`)
}
