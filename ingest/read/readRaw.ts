import type { DuckDBConnection } from '@duckdb/node-api'
import { closeSync, openSync, readSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { quoteText } from '../../store/openDuckDB.ts'
import { blocksOf, type Contract } from '../contract.ts'
import { tableNames } from '../../register/readDictionary.ts'
import { numberIn, query, RefusedStatement, run, textIn } from '../statement.ts'
import { decodeFile } from './decodeFile.ts'
import { feedDuckDB } from './feedDuckDB.ts'
import { columnLetters, Workbook } from './readWorkbook.ts'
import { scanCsv, scanHeading, scanLines, type Counter } from './scanCsv.ts'

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

const csvOptions = `auto_detect = false, header = false, escape = '"', new_line = '\\n', max_line_size = 4000000`

/** Loads a file as text, sheet by sheet. Nothing is typed here: a typed read loses rows (all checks are SQL over text). */
export async function readRaw(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  path: string,
): Promise<readonly RawTable[]> {
  requireContent(path, contract)
  try {
    switch (contract.read.format) {
      case 'csv':
        return [await readCsv(connection, folder, contract, path)]
      case 'ndjson':
        return [await readLines(connection, folder, contract, path)]
      case 'xlsx':
        return await readSheets(connection, contract, path)
    }
  } catch (error) {
    if (!(error instanceof RefusedStatement)) throw error
    throw new DsrError(
      'input',
      'The file cannot be read: its inner structure is damaged or unusual.',
      contract.read.format === 'xlsx'
        ? 'Open it in Excel, save it again as a workbook (.xlsx), and send that.'
        : 'Open it, save it anew in the same format, and send that.',
    )
  }
}

/** A file's first bytes have to be of the declared kind (security.md IN-03): names lie. */
function requireContent(path: string, contract: Contract): void {
  const head = Buffer.alloc(4)
  const file = openSync(path, 'r')
  const length = readSync(file, head, 0, 4, 0)
  closeSync(file)
  if (length === 0) throw new DsrError('input', 'The file is empty.', 'Ask the agency to send it again.')
  if (contract.read.format === 'xlsx') return
  if (head.readUInt32LE(0) === 0x04034b50 || head.readUInt32BE(0) === 0xd0cf11e0) {
    throw new DsrError(
      'input',
      'The file is a workbook or a zip file, not text.',
      'Correct read.format in the contract, or send text.',
    )
  }
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  if (isUtf16 && contract.read.encoding !== 'utf-16') {
    throw new DsrError('input', 'The file is in UTF-16.', 'Set read.encoding: utf-16 in the contract.')
  }
}

async function readCsv(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  path: string,
): Promise<RawTable> {
  const { encoding, delimiter, skip_rows: skipRows } = contract.read
  const shape = { delimiter, skipRows }
  const found = await scanHeading(decodeFile(path, encoding), shape)
  if (!found) throw new DsrError('input', 'The file ends before its heading.', 'Check read.skip_rows in the contract.')
  const headings = found.map(cleanHeading)
  const cells = headings.map((_, index) => `'c${index + 1}': 'varchar'`).join(', ')
  const counter: Counter = { counted: 0 }
  await feedDuckDB(
    connection,
    folder,
    'read a CSV file',
    (pipe) => `create or replace temp table raw_0 as
      from read_csv(${quoteText(pipe)}, ${csvOptions}, quote = '"', delim = ${quoteText(delimiter)},
        columns = {'record': 'bigint', 'note': 'varchar', ${cells}})`,
    scanCsv(decodeFile(path, encoding), shape, headings.length, counter),
  )
  return requireCount(connection, { name: 'raw_0', sheet: '', headings, lists: [], counted: counter.counted })
}

async function readLines(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  path: string,
): Promise<RawTable> {
  const counter: Counter = { counted: 0 }
  await feedDuckDB(
    connection,
    folder,
    'read a JSON file',
    (pipe) => `create or replace temp table lines as
      from read_csv(${quoteText(pipe)}, ${csvOptions.replace(`escape = '"'`, `escape = ''`)}, quote = '', delim = '\\t',
        columns = {'record': 'bigint', 'note': 'varchar', 'c1': 'varchar'})`,
    scanLines(decodeFile(path, contract.read.encoding), counter),
  )
  // An escaped control character is legal JSON; like a raw one it becomes a space, and the record is flagged.
  await run(
    connection,
    'check JSON lines',
    `create or replace temp table raw_0 as
    select
        record,
        case
            when note is not null then note
            when not json_valid(c1) or json_type(c1) <> 'OBJECT' then 'broken_line'
            when regexp_matches(c1, $controls) then 'control_characters'
        end as note,
        regexp_replace(c1, $controls, ' ', 'g') as c1
    from lines`,
    { controls: String.raw`\\u00(0[0-8bBcCeEfF]|1[0-9a-fA-F]|7[fF])` },
  )
  await run(connection, 'drop lines', 'drop table lines')
  const [row] = await query(
    connection,
    'read the structure of JSON',
    `select json_group_structure(c1::json)::varchar as structure from raw_0 where note is null or note = 'control_characters'`,
  )
  const { paths, lists } = pathsOf(textIn(row, 'structure'))
  return requireCount(connection, { name: 'raw_0', sheet: '', headings: paths, lists, counted: counter.counted })
}

/**
 * Dotted paths of the values and lists in DuckDB's description of a JSON structure. What is null in every record, or a
 * list without any element, has no value that a contract could have missed, and is no path.
 */
export function pathsOf(structure: string): { readonly paths: readonly string[]; readonly lists: readonly string[] } {
  const paths: string[] = []
  const lists: string[] = []
  const walk = (node: unknown, path: string): void => {
    if (Array.isArray(node)) {
      lists.push(path)
      walk(node[0], path)
    } else if (node !== null && typeof node === 'object') {
      for (const [key, value] of Object.entries(node)) walk(value, path === '' ? key : `${path}.${key}`)
    } else if (path !== '' && node !== 'NULL') paths.push(path)
  }
  walk(structure === '' ? {} : JSON.parse(structure), '')
  return { paths: [...new Set(paths)], lists: [...new Set(lists)] }
}

async function readSheets(
  connection: DuckDBConnection,
  contract: Contract,
  path: string,
): Promise<readonly RawTable[]> {
  const workbook = new Workbook(path)
  const wanted = new Map<string, number>()
  for (const table of tableNames) {
    for (const block of blocksOf(contract, table)) {
      wanted.set(
        block.sheet ?? '',
        Math.max(wanted.get(block.sheet ?? '') ?? 0, block.skip_rows ?? contract.read.skip_rows),
      )
    }
  }
  const missing = [...wanted.keys()].filter((sheet) => !workbook.sheets.includes(sheet))
  if (missing.length > 0) {
    throw new DsrError(
      'input',
      `The workbook has no sheet named ${missing.join(' or ')}.`,
      'Correct sheet in the contract, or ask the agency for the whole workbook.',
    )
  }
  const raw: RawTable[] = []
  for (const [sheet, skipRows] of wanted)
    raw.push(await readSheet(connection, path, workbook, sheet, skipRows, `raw_${raw.length}`))
  return raw
}

async function readSheet(
  connection: DuckDBConnection,
  path: string,
  workbook: Workbook,
  sheet: string,
  skipRows: number,
  name: string,
): Promise<RawTable> {
  const { rows, width } = await workbook.content(sheet)
  const headingRow = skipRows + 1
  const lastRow = rows.at(-1) ?? 0
  const counted = rows.filter((row) => row > headingRow).length
  if (lastRow < headingRow) {
    throw new DsrError(
      'input',
      `The sheet ${sheet} ends before its heading.`,
      'Check skip_rows in the contract. Where the sheet does hold rows, open it in Excel and save it again.',
    )
  }
  const source = `read_xlsx(${quoteText(path)}, sheet = ${quoteText(sheet)}, header = false, all_varchar = true, stop_at_empty = false,
    range = 'A${headingRow}:${columnLetters(width)}${Math.max(lastRow, headingRow + 1)}')`
  const cells = Array.from({ length: width }, (_, index) => `${columnLetters(index + 1)} as c${index + 1}`)
  // rowid is the order in the sheet only where the insert keeps the order.
  await run(connection, 'keep order', 'set preserve_insertion_order = true')
  try {
    await run(
      connection,
      'read a sheet',
      `create or replace temp table sheet_rows as select ${cells.join(', ')} from ${source}`,
    )
  } finally {
    await run(connection, 'free order', 'set preserve_insertion_order = false')
  }
  const [first] = await query(connection, 'read a heading', 'select * from sheet_rows where rowid = 0')
  const headings = Array.from({ length: width }, (_, index) => cleanHeading(textIn(first, `c${index + 1}`)))
  const isFilled = Array.from({ length: width }, (_, index) => `c${index + 1} is not null`).join(' or ')
  await run(
    connection,
    'number the rows of a sheet',
    `create or replace temp table ${name} as
    select rowid + ${headingRow} as record, null::varchar as note, * from sheet_rows where rowid > 0 and (${isFilled})`,
  )
  await run(connection, 'drop a sheet', 'drop table sheet_rows')
  return requireCount(connection, { name, sheet, headings, lists: [], counted })
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
