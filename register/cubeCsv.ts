import { stateMarks, type Cell } from './release.ts'

/**
 * CSV (RFC 4180, UTF-8, line feeds) of cells: the dimensions as given, then `value`, a number or the shorthand of its
 * state. Rows keep their order, so the same rows give the same bytes.
 */
export function cubeCsv(
  columns: readonly string[],
  rows: readonly (Cell & { readonly texts: readonly string[] })[],
): string {
  const lines = rows.map((row) => [...row.texts.map(csvText), cellMark(row)].join(','))
  return [[...columns, 'value'].join(','), ...lines, ''].join('\n')
}

/** The number, or [c], [x], [z]. A shown cell without a value, or the reverse, is a fault of ours and stops. */
export function cellMark({ value, state }: Cell): string {
  if ((state === 'shown') !== (value !== null)) throw new Error('a cell holds a value that its state does not allow')
  return state === 'shown' ? String(value) : stateMarks[state]
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it; quotes where RFC 4180 asks for them. */
function csvText(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
