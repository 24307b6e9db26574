import { parseCsv } from '../readCodes.ts'

export type CsvRow = Readonly<Record<string, string>>

/** Rows of a small CSV file by column name; a byte-order mark and a trailing empty line are ignored. */
export function csvRows(text: string): { readonly header: readonly string[]; readonly rows: readonly CsvRow[] } {
  const [header = [], ...rows] = parseCsv(text.replace(/^\uFEFF/, '')).filter((row) => row.join('') !== '')
  const names = header.map((name) => name.trim())
  return {
    header: names,
    rows: rows.map((row) => Object.fromEntries(names.map((name, index) => [name, (row[index] ?? '').trim()]))),
  }
}

/** CSV text (RFC 4180, line feeds) of rows in the order of `columns`. */
export function formatCsv(columns: readonly string[], rows: readonly CsvRow[]): string {
  const lines = rows.map((row) => columns.map((column) => quoteCell(row[column] ?? '')).join(','))
  return [columns.join(','), ...lines, ''].join('\n')
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
