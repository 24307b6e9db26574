/** What a quarantine file that goes back to the agency says beside the agency's own columns. */
export const markColumn = 'DSR record'
export const wrongColumn = 'DSR what is wrong'
export const remedyColumn = 'DSR how to put it right'
export const rawColumn = 'DSR what came'
export const ourColumns: readonly string[] = [markColumn, wrongColumn, remedyColumn, rawColumn]

/** Names a record for ever: its delivery, its place there, and its sheet. */
export function markOf(delivery: string, record: number, sheet: string): string {
  return `${delivery}/${record}${sheet === '' ? '' : `/${sheet}`}`
}

/**
 * A cell of CSV (RFC 4180). What a spreadsheet would run gets an apostrophe before it, numbers stay numbers; `hasOurApostrophe` tells it for taking
 * it off again, so a text that began with one gets another.
 */
export function csvCell(value: string): string {
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(value)
  const safe = !isNumber && /^'*[=+\-@\t\r\0]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** SQL condition: the apostrophe before this cell is ours. */
export function hasOurApostrophe(cell: string): string {
  return `regexp_matches(${cell}, '^''+[=+@\\x09\\x0d-]')`
}
