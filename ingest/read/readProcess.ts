import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { decodeFile } from './decodeFile.ts'
import type { ReadMessage, ReadRequest } from './readRequest.ts'
import { overLimit, requireKind } from './requireKind.ts'
import { scanCsv, scanHeading, type Counter } from './scanCsv.ts'
import { JsonRecords, scanDocument, scanLines } from './scanJson.ts'

/**
 * The process that opens an agency's file (security.md DB-07). It holds no key, its environment is bare, and it may
 * write nothing but the pipes: clean records go into them, headings and counts to standard output. What it cannot read
 * it refuses in words; if it dies, the parent says so and nothing of the file is taken.
 */
async function main(): Promise<void> {
  const request = JSON.parse(readFileSync(0, 'utf8')) as ReadRequest
  const output = new Output(request.pipes)
  try {
    if (request.read.format !== 'postgres') requireKind(request)
    await read(request, output)
  } catch (error) {
    if (!(error instanceof DsrError)) throw error
    say({ kind: 'refused', what: error.message, remedy: error.remedy })
  }
}

async function read(request: ReadRequest, output: Output): Promise<void> {
  switch (request.read.format) {
    case 'csv':
      return readCsv(request, output)
    case 'ndjson':
    case 'json':
      return readJson(request, output)
    case 'xlsx': {
      // DuckDB is loaded only where it is needed: a text file is read before it would have started.
      const { readSheets } = await import('./readSheets.ts')
      return await readSheets(request, output)
    }
    case 'parquet': {
      const { readParquet } = await import('./readParquet.ts')
      return await readParquet(request, output)
    }
    case 'postgres': {
      const { readPostgres } = await import('./readPostgres.ts')
      return await readPostgres(request, output)
    }
  }
}

/** Where the records go: each sheet into its own pipe, which DuckDB opens once it has heard of its width. */
export class Output {
  readonly #pipes: readonly string[]
  #number = -1
  #pipe = -1

  constructor(pipes: readonly string[]) {
    this.#pipes = pipes
  }

  begin(width: number): void {
    say({ kind: 'begin', width })
    this.#pipe = openSync(this.#pipes[++this.#number] ?? '', 'w')
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#pipe, bytes, at)
  }

  end(found: Omit<Extract<ReadMessage, { kind: 'end' }>, 'kind'>): void {
    closeSync(this.#pipe)
    say({ kind: 'end', ...found })
  }
}

function say(message: ReadMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`)
}

function readCsv({ path, read, limits }: ReadRequest, output: Output): void {
  const shape = {
    delimiter: read.delimiter,
    quote: read.quote,
    skipRows: read.skip_rows,
    cellCharacters: limits.cell_characters,
  }
  const headings = scanHeading(decodeFile(path, read.encoding), shape)
  if (!headings)
    throw new DsrError('input', 'The file ends before its heading.', 'Check read.skip_rows in the contract.')
  if (headings.length > limits.columns) throw overLimit('columns', `The file has more than ${limits.columns} columns.`)
  output.begin(headings.length)
  const counter: Counter = { counted: 0, undecoded: 0 }
  for (const bytes of scanCsv(decodeFile(path, read.encoding), shape, headings.length, counter)) {
    requireRows(counter, limits)
    output.write(bytes)
  }
  requireRows(counter, limits)
  requireDecoded(counter, read)
  output.end({ counted: counter.counted, headings, lists: [], formulas: [] })
}

function readJson({ path, read, limits }: ReadRequest, output: Output): void {
  const counter: Counter = { counted: 0, undecoded: 0 }
  const records = new JsonRecords(counter, limits.cell_characters)
  const chunks = decodeFile(path, read.encoding)
  const scan =
    read.format === 'json'
      ? scanDocument(chunks, read.records ?? '', limits.cell_characters, records)
      : scanLines(chunks, limits.cell_characters, records)
  output.begin(1)
  for (const bytes of scan) {
    requireRows(counter, limits)
    output.write(bytes)
  }
  requireRows(counter, limits)
  requireDecoded(counter, read)
  const { paths, lists } = records.found
  if (paths.length > limits.columns) throw overLimit('columns', `The records hold more than ${limits.columns} values.`)
  output.end({ counted: counter.counted, headings: paths, lists, formulas: [] })
}

/** How many records a file may hold is asked while it is read, so that a far too large one stops early. */
function requireRows({ counted }: Counter, { rows }: ReadRequest['limits']): void {
  if (counted > rows) throw overLimit('rows', `The file has more than ${rows} records.`)
}

/** A few letters that came out odd are their records' fault; a fifth of the records means another encoding. */
function requireDecoded({ counted, undecoded }: Counter, { encoding }: ReadRequest['read']): void {
  if (undecoded < 3 || undecoded * 5 < counted) return
  const other = encoding === 'utf-8' ? 'windows-1252' : 'utf-8'
  throw new DsrError(
    'input',
    `${undecoded} of ${counted} records hold letters that are not ${encoding}; the file looks like ${other}.`,
    `Set read.encoding: ${other} in the contract, or ask for the file in ${encoding}.`,
  )
}

await main()
