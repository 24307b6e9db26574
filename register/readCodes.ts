import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './projectRoot.ts'

export interface Code {
  readonly code: string
  readonly label: string
  /** Further columns of the list, by name: definition, family, commissioner … */
  readonly more: Readonly<Record<string, string>>
}

/** Path of a code list's CSV; `register/codes/index.yml` gives each one's source and licence. */
export function codesFile(list: string): string {
  return join(projectRoot, 'register/codes', `${list}.csv`)
}

export function hasCodes(list: string): boolean {
  return existsSync(codesFile(list))
}

/** The rows of a code list in their order. The first two columns are `code` and `label`. */
export function readCodes(list: string): readonly Code[] {
  return parseCodes(readFileSync(codesFile(list), 'utf8'))
}

/** The rows of a code list's CSV text. */
export function parseCodes(text: string): readonly Code[] {
  const [header, ...rows] = parseCsv(text)
  return rows.map(([code = '', label = '', ...rest]) => ({
    code,
    label,
    more: Object.fromEntries(rest.map((value, index) => [header?.[index + 2] ?? '', value])),
  }))
}

/** RFC 4180 for our own small files; agencies' files are read by DuckDB. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') cell += text[at++]
      else if (char === '"') quoted = false
      else cell += char
    } else if (char === '"') quoted = true
    else if (char === ',') {
      row.push(cell)
      cell = ''
    } else if (char === '\n') {
      row.push(cell.replace(/\r$/, ''))
      rows.push(row)
      row = []
      cell = ''
    } else cell += char
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}
