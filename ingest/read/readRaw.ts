import type { DuckDBConnection } from '@duckdb/node-api'
import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { quoteText } from '../../store/openDuckDB.ts'
import { columnsOfSheet } from '../checkHeadings.ts'
import { blocksOf, holdsJson, isDatabase, type Contract } from '../contract.ts'
import { tableNames } from '../../register/readDictionary.ts'
import { keysOf } from '../jsonPath.ts'
import { numberIn, query, RefusedStatement } from '../statement.ts'
import { loadPipe, makePipe } from './loadPipe.ts'
import type { ReadRequest } from './readRequest.ts'
import { longestRecord } from './scanCsv.ts'
import { startReader, type Reader } from './startReader.ts'

/**
 * One readable table of a delivered file: the file, or a sheet of it. `name` is a temporary table with `record` (line of
 * the file, or row of the sheet), `note` (what is wrong with the record as a whole) and the cells c1, c2 …, all text.
 */
export interface RawTable {
  readonly name: string
  readonly sheet: string
  /** What stands above each cell column; for JSON the dotted paths of all its values. */
  readonly headings: readonly string[]
  /** Dotted paths that are lists (JSON only). */
  readonly lists: readonly string[]
  /** Records counted while reading, without DuckDB. */
  readonly counted: number
}

/** How large a database is cannot be seen beforehand; six hours are enough for any and end one that hangs. */
const databaseSeconds = 6 * 3600

/**
 * Loads a file as text, sheet by sheet. Nothing is typed here: a typed read loses rows (all checks are SQL over text).
 * The file itself is opened only by a child process that holds no key; what comes from it is clean CSV through a pipe.
 * @param folder - owner-only folder for the pipes
 * @throws DsrError 'input' when the file as a whole cannot be read
 */
export async function readRaw(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  path: string,
): Promise<readonly RawTable[]> {
  const sheets = sheetsOf(contract)
  const pipes = sheets.map(() => makePipe(folder))
  const { read, limits, ignore } = contract
  const request: ReadRequest = { path: resolve(path), read, limits, sheets, pipes, ignore }
  let reader: Reader | null = null
  try {
    reader = isDatabase(contract) ? startReader(folder, request, databaseSeconds) : startReader(folder, request)
    const raw: RawTable[] = []
    for (const [number, { name }] of sheets.entries())
      raw.push(await loadSheet(connection, contract, reader, `raw_${number}`, name, pipes[number] ?? ''))
    return raw
  } finally {
    reader?.stop()
    await reader?.ended
    for (const pipe of pipes) rmSync(pipe, { force: true })
  }
}

/** The sheets that the contract names, each with the rows above its heading. */
function sheetsOf(contract: Contract): ReadRequest['sheets'] {
  const sheets = new Map<string, number>()
  for (const table of tableNames) {
    for (const { sheet = '', skip_rows: skipRows = contract.read.skip_rows } of blocksOf(contract, table))
      sheets.set(sheet, Math.max(sheets.get(sheet) ?? 0, skipRows))
  }
  return [...sheets].map(([name, skipRows]) => {
    const columns = columnsOfSheet(contract, name).map((path) => keysOf(path)[0] ?? '')
    return { name, skipRows, columns: isDatabase(contract) ? [...new Set(columns)] : [] }
  })
}

async function loadSheet(
  connection: DuckDBConnection,
  contract: Contract,
  reader: Reader,
  name: string,
  sheet: string,
  pipe: string,
): Promise<RawTable> {
  const { width } = await reader.next('begin')
  const loading = loadPipe(connection, 'read a file', loadSql(contract, name, width, pipe), pipe, reader.ended)
  // Where DuckDB gives up, the child would wait for ever for somebody to read.
  loading.catch(() => reader.stop())
  const [loaded, end] = await Promise.allSettled([loading, reader.next('end')])
  if (loaded.status === 'rejected' && !(loaded.reason instanceof RefusedStatement)) throw loaded.reason
  if (end.status === 'rejected') throw end.reason
  if (loaded.status === 'rejected') throw damaged()
  const { counted, headings, lists, formulas } = end.value
  const raw = { name, sheet, headings: headings.map(cleanHeading), lists, counted }
  requireResults(contract, raw, formulas)
  return requireCount(connection, raw)
}

/** DuckDB reads what the child has written: it is told everything, and guesses nothing. */
function loadSql(contract: Contract, name: string, width: number, pipe: string): string {
  const cells = Array.from({ length: width }, (_, index) => `'c${index + 1}': 'varchar'`).join(', ')
  const longest = 4 * longestRecord(contract.limits.cell_characters)
  const marks = holdsJson(contract)
    ? `delim = '\\t', quote = '', escape = ''`
    : `delim = ${quoteText(contract.read.format === 'csv' ? contract.read.delimiter : ',')}, quote = '"', escape = '"'`
  return `create or replace temp table ${name} as
    from read_csv(${quoteText(pipe)}, auto_detect = false, header = false, new_line = '\\n', max_line_size = ${longest}, ${marks},
      columns = {'record': 'bigint', 'note': 'varchar', ${cells}})`
}

/** A formula that nobody has calculated would be read as empty; that is said, where its column is wanted. */
function requireResults(
  contract: Contract,
  { sheet, headings }: RawTable,
  formulas: readonly { readonly column: number; readonly row: number }[],
): void {
  const ignored = contract.ignore.map((name) => cleanHeading(name).toLowerCase())
  const wanted = formulas.find(({ column }) => !ignored.includes((headings[column - 1] ?? '').toLowerCase()))
  if (wanted === undefined) return
  throw new DsrError(
    'input',
    `Sheet ${sheet}, row ${wanted.row}, column ${wanted.column}: a formula without its result.`,
    'Open the workbook in Excel, which calculates it, save it and send that.',
  )
}

function damaged(): DsrError {
  return new DsrError(
    'input',
    'The file cannot be read: its inner structure is damaged or unusual.',
    'Open it, save it anew in the same format, and send that.',
  )
}

/** No row is lost between the file and DuckDB: two counts that know nothing of each other agree, or the file stops. */
async function requireCount(connection: DuckDBConnection, raw: RawTable): Promise<RawTable> {
  const [row] = await query(connection, 'count records', `select count(*) as records from ${raw.name}`)
  const records = numberIn(row, 'records')
  if (records !== raw.counted) {
    throw new DsrError(
      'input',
      `${raw.counted} records were counted in the file${raw.sheet === '' ? '' : `, sheet ${raw.sheet}`}, but ${records} could be read.`,
      'Nothing of it was taken. Please report this with the shape of the file.',
    )
  }
  return raw
}

/** Headings are compared without a byte-order mark, line breaks and doubled spaces. */
export function cleanHeading(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\s\u00a0\ufeff]+/g, ' ')
    .trim()
}
