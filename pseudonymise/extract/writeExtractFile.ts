import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createHash } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import { extractPseudonymPattern } from './choosePeople.ts'
import { temporary, type RungTable } from './groupSizes.ts'

export interface WrittenFile {
  readonly name: string
  readonly rows: number
  readonly sha256: string
}

/**
 * Writes one table as CSV: pseudonym first, rows in the order of their text, so that the same content gives the same bytes
 * whatever the order of the store. The order tells nothing: the pseudonyms are as good as random.
 */
export async function writeExtractFile(
  connection: DuckDBConnection,
  table: RungTable,
  path: string,
): Promise<WrittenFile> {
  const headings = ['pseudonym', ...table.columns.map(({ name }) => name)]
  const cells = ['who', ...table.columns.map(({ name }) => `coalesce(${quoteName(name)}, '')`)]
  const sql = `select ${cells.join(` || ',' || `)} as line from ${temporary(table.name)} order by line`
  const hash = createHash('sha256')
  const file = openSync(path, 'wx', 0o600)
  const write = (text: string): void => {
    hash.update(text)
    writeSync(file, text)
  }
  let rows = 0
  try {
    write(`${headings.join(',')}\n`)
    const result = await connection.stream(sql)
    for await (const chunk of result.yieldRows()) {
      if (chunk.length > 0) write(`${chunk.map(([line]) => String(line)).join('\n')}\n`)
      rows += chunk.length
    }
  } finally {
    closeSync(file)
  }
  return { name: `${table.name}.csv`, rows, sha256: hash.digest('hex') }
}

/**
 * Closed-text guard on the bytes that will leave: each heading is that of a planned column, and each cell a pseudonym of an
 * extract, a value of the column's closed list, or a day, number or truth value.
 * @throws DsrError `leak` that names file and columns and counts; never a value
 */
export async function checkExtractFile(table: RungTable, path: string): Promise<void> {
  const rules = [
    (text: string) => extractPseudonymPattern.test(text),
    ...table.columns.map(
      ({ allows }) =>
        (text: string) =>
          text === '' || allows(text),
    ),
  ]
  const headings = ['pseudonym', ...table.columns.map(({ name }) => name)]
  const known = headings.map(() => new Set<string>())
  const wrong = new Map<string, number>()
  const fault = (column: string): void => void wrong.set(column, (wrong.get(column) ?? 0) + 1)
  let isFirst = true
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    if (isFirst) {
      if (line !== headings.join(',')) fault('(headings)')
      isFirst = false
      continue
    }
    const cells = line.split(',')
    // A value with a comma, quote or line break has no place here: no code, date or number holds one.
    if (cells.length !== rules.length) fault('(cells)')
    for (const [index, rule] of rules.entries()) {
      const cell = cells[index] ?? ''
      if (known[index]?.has(cell)) continue
      if (!rule(cell)) fault(headings[index] ?? '')
      else if (index > 0) known[index]?.add(cell)
    }
  }
  if (wrong.size === 0) return
  const sentences = [...wrong].map(
    ([column, rows]) => `${table.name}.csv.${column}: ${rows} rows hold what they may not.`,
  )
  throw new DsrError(
    'leak',
    ['What may not leave was found in the extract:', ...sentences].join('\n'),
    'No extract was made. Take the column out of the project, and report it.',
  )
}
