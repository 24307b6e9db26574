import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { quoteText } from '../../store/openDuckDB.ts'
import { contractSchema, type Contract } from '../contract.ts'
import { jsonPath } from '../jsonPath.ts'
import { cleanHeading, readRaw, type RawTable } from '../read/readRaw.ts'
import { Workbook } from '../read/readWorkbook.ts'
import { query, run, textIn } from '../statement.ts'
import { isHeading, noHeading, type FileShape } from './sniffFile.ts'

/** Records of a source that are looked at: enough to know every column, and quick for a million. */
const looked = 100_000

/**
 * Something in a file that has rows of its own: the file, a sheet, the record of a JSON file, or a list in it. Its rows
 * are in the temporary table `rows`, cells v1, v2 …, all text, null where empty.
 */
export interface Source {
  readonly rows: string
  readonly sheet: string | null
  readonly each: string | null
  readonly skipRows: number
  readonly titles: readonly string[]
  /** The word that a totals row below the data begins with, null where there is none. */
  readonly footer: string | null
  /** Names as a contract writes them: headings, or paths from the record or the list's element. */
  readonly names: readonly string[]
  /** Names of values that are themselves lists. */
  readonly lists: readonly string[]
}

/**
 * Reads a file as ingest will, for a look at its columns.
 * @throws DsrError 'input' where it cannot be read or has no headings
 */
export async function readSources(
  connection: DuckDBConnection,
  folder: string,
  path: string,
  shape: FileShape,
): Promise<readonly Source[]> {
  if (shape.format === 'xlsx') return readSheets(connection, folder, path)
  const [raw] = await readRaw(connection, folder, probe(shape), path)
  if (!raw) return []
  if (shape.format !== 'csv') return readJson(connection, raw)
  const footer = await footerOf(connection, raw)
  return [
    await keepRows(connection, raw, 'draft_0', footer, {
      sheet: null,
      skipRows: shape.skipRows,
      titles: shape.titles,
      names: raw.headings,
      firstRecord: 0,
    }),
  ]
}

/** A contract that says no more than how to read. */
function probe(shape: FileShape, sheet?: string): Contract {
  return contractSchema.parse({
    feed: 'draft',
    agency: { name: 'draft', kind: 'A02' },
    basis: 'register_consent',
    from: { folder: 'extracts/draft' },
    delivered_on: { value: '2000-01-01' },
    read: {
      format: shape.format,
      encoding: shape.encoding,
      delimiter: shape.delimiter,
      skip_rows: shape.skipRows,
      ...(shape.records === null ? {} : { records: shape.records }),
    },
    tables: { people: { ...(sheet === undefined ? {} : { sheet }), fields: { local_id: 'draft' } } },
  })
}

const workbookShape: FileShape = {
  format: 'xlsx',
  encoding: 'utf-8',
  delimiter: ',',
  records: null,
  skipRows: 0,
  titles: [],
}

async function readSheets(connection: DuckDBConnection, folder: string, path: string): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const sheet of new Workbook(path).sheets) {
    const source = await readSheet(connection, folder, path, sheet, `draft_${sources.length}`)
    if (source) sources.push(source)
  }
  if (sources.length === 0) throw noHeading(path)
  return sources
}

/** A sheet below its heading row; null for one without (a cover, a chart, an empty sheet). */
async function readSheet(
  connection: DuckDBConnection,
  folder: string,
  path: string,
  sheet: string,
  rows: string,
): Promise<Source | null> {
  const raw = await readIfFilled(connection, folder, path, sheet)
  if (raw === null) return null
  const top = await query(
    connection,
    'look for a heading row',
    `select * from ${raw.name} where record <= 40 order by record`,
  )
  const found = [
    { record: 1, cells: raw.headings },
    ...top.map((row) => ({
      record: Number(row['record']),
      cells: raw.headings.map((_, index) => cleanHeading(textIn(row, `c${index + 1}`))),
    })),
  ]
  const heading = found.find(({ cells }) => isHeading(cells))
  if (!heading) return null
  return keepRows(connection, raw, rows, await footerOf(connection, raw), {
    sheet,
    skipRows: heading.record - 1,
    titles: found.filter(({ record }) => record < heading.record).flatMap(({ cells }) => cells),
    names: heading.cells,
    firstRecord: heading.record,
  })
}

async function readIfFilled(
  connection: DuckDBConnection,
  folder: string,
  path: string,
  sheet: string,
): Promise<RawTable | null> {
  try {
    const [raw] = await readRaw(connection, folder, probe(workbookShape, sheet), path)
    return raw ?? null
  } catch (error) {
    if (error instanceof DsrError && /ends before its heading/.test(error.message)) return null
    throw error
  }
}

const sound = `(note is null or note = 'control_characters')`

async function keepRows(
  connection: DuckDBConnection,
  raw: RawTable,
  rows: string,
  footer: string | null,
  of: Pick<Source, 'sheet' | 'skipRows' | 'titles' | 'names'> & { readonly firstRecord: number },
): Promise<Source> {
  const cells = of.names.map((_, index) => `${cleaned(`c${index + 1}`)} as v${index + 1}`)
  const isTotal = footer === null ? 'false' : `starts_with(ltrim(coalesce(c1, ''), ' "'), ${quoteText(footer)})`
  await run(
    connection,
    'keep rows to look at',
    `create or replace temp table ${rows} as
    select ${cells.join(', ')} from ${raw.name}
    where ${sound} and record > ${of.firstRecord} and not ${isTotal}
    limit ${looked}`,
  )
  return {
    rows,
    sheet: of.sheet,
    each: null,
    skipRows: of.skipRows,
    titles: of.titles,
    footer,
    names: of.names,
    lists: [],
  }
}

/** The first word of the last rows, where it is one that only a total begins with. */
async function footerOf(connection: DuckDBConnection, raw: RawTable): Promise<string | null> {
  const [row] = await query(
    connection,
    'look for a totals row',
    `select regexp_extract(c1, '^[" ]*(Grand total|Total|TOTAL|total|Count|Record count|Number of records|End of report|End of file)\\b', 1) as word
    from (select record, c1 from ${raw.name} order by record desc limit 3) where word <> '' order by record limit 1`,
  )
  return textIn(row, 'word') || null
}

/** The record, and each list of objects or of plain values in it; a list in a list's element is a value of it. */
async function readJson(connection: DuckDBConnection, raw: RawTable): Promise<readonly Source[]> {
  const outer = raw.lists.filter((path) => !raw.lists.some((other) => path.startsWith(`${other}.`)))
  const isInside = (path: string): boolean => outer.some((list) => path === list || path.startsWith(`${list}.`))
  const plain = raw.headings.filter((path) => !isInside(path))
  // A list of short texts may be an address or a list of facts of its own: both are tried.
  const texts = outer.filter((list) => raw.headings.includes(list))
  const sources = [await keepJson(connection, raw, 'draft_0', null, [...plain, ...texts], texts)]
  for (const list of outer) {
    const inside = raw.headings.filter((path) => path.startsWith(`${list}.`)).map((path) => path.slice(list.length + 1))
    const names = raw.headings.includes(list) ? ['part'] : inside
    const lists = raw.lists.filter((path) => path.startsWith(`${list}.`)).map((path) => path.slice(list.length + 1))
    if (names.length > 0) sources.push(await keepJson(connection, raw, `draft_${sources.length}`, list, names, lists))
  }
  return sources
}

async function keepJson(
  connection: DuckDBConnection,
  raw: RawTable,
  rows: string,
  each: string | null,
  names: readonly string[],
  lists: readonly string[],
): Promise<Source> {
  const element = each === null ? 'c1' : `unnest(json_extract(c1, ${quoteText(`${jsonPath(each)}[*]`)}))`
  const cells = names.map((name, index) => {
    const path = name === 'part' && each !== null ? '$' : jsonPath(name)
    const value = lists.includes(name)
      ? `array_to_string(json_extract_string(element, ${quoteText(`${path}[*]`)}), '; ')`
      : `json_extract_string(element, ${quoteText(path)})`
    return `${cleaned(value)} as v${index + 1}`
  })
  await run(
    connection,
    'keep values to look at',
    `create or replace temp table ${rows} as
    select ${cells.join(', ')} from (select ${element} as element from ${raw.name} where ${sound} limit ${looked})`,
  )
  return { rows, sheet: null, each, skipRows: 0, titles: [], footer: null, names, lists }
}

function cleaned(sql: string): string {
  return `nullif(trim(${sql}, ' ' || chr(9) || chr(10) || chr(13) || chr(160)), '')`
}
