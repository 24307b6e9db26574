import type { Row } from '../openVersions.ts'
import { dateText, text, texts } from '../words.ts'

/**
 * Rows that tell of one thing, together, in the order in which each thing first appears: agencies send the same review,
 * rating or theme month after month, and a page that repeats them hides what is new.
 */
export function groupRows(rows: readonly Row[], keyOf: (row: Row) => string): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()]
}

/** The different texts of a column, in their order, empty ones left out. */
export function distinct(rows: readonly Row[], column: string): readonly string[] {
  return [...new Set(rows.map((row) => text(row[column])).filter((value) => value !== ''))]
}

/** The different items of a column of lists. */
export function distinctItems(rows: readonly Row[], column: string): readonly string[] {
  return [...new Set(rows.flatMap((row) => texts(row[column])))]
}

/** Newest day of a column, or an empty text. */
export function newest(rows: readonly Row[], column: string): string {
  return distinct(rows, column).reduce((latest, day) => (day > latest ? day : latest), '')
}

/** `5 October 2026`, or `7 September 2023 to 5 October 2026` where the rows are of several days. */
export function spanText(rows: readonly Row[], column: string): string {
  const days = [...distinct(rows, column)].sort()
  const [first] = days
  const last = days.at(-1)
  return first === last ? dateText(first) : `${dateText(first)} to ${dateText(last)}`
}
