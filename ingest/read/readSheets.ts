import { DsrError } from '../../register/errors.ts'
import { openDuckDB, quoteText } from '../../store/openDuckDB.ts'
import { Canonical, quoted, spaceControls } from './canonical.ts'
import type { Output } from './readProcess.ts'
import type { ReadRequest } from './readRequest.ts'
import { columnLetters, Workbook, type SheetContent } from './readWorkbook.ts'
import { overLimit, withoutName } from './requireKind.ts'

/** What one sheet takes DuckDB's reader besides the stream itself: the shared texts of the workbook. */
const memoryLimit = '4GB'

/**
 * Gives the wanted sheets of a workbook, one after another, as clean records: number of the row, what is wrong with it,
 * its cells as text. DuckDB reads the cells; which rows hold any was counted without it.
 */
export async function readSheets(request: ReadRequest, output: Output): Promise<void> {
  const workbook = new Workbook(request.path, request.limits)
  const missing = request.sheets.filter(({ name }) => !workbook.sheets.includes(name))
  if (missing.length > 0) {
    throw new DsrError(
      'input',
      `The workbook has no sheet named ${missing.map(({ name }) => name).join(' or ')}.`,
      'Correct sheet in the contract, or ask the agency for the whole workbook.',
    )
  }
  await workbook.requireSafe()
  const file = withoutName(request.path)
  const database = await openDuckDB({ attach: [], extensions: ['excel'], memoryLimit, threads: 1 })
  try {
    // The place in the stream is the place in the sheet only where the order is kept.
    await database.connection.run('set preserve_insertion_order = true')
    for (const { name, skipRows } of request.sheets) {
      const content = await workbook.content(name)
      requireFit(name, content, skipRows, request)
      const rows = await database.connection.stream(selectSheet(file, name, content, skipRows + 1))
      await giveSheet(rows.yieldRows() as AsyncIterable<Cells[]>, content, skipRows + 1, request, output)
    }
  } finally {
    database.close()
  }
}

type Cells = readonly (string | null)[]

function requireFit(name: string, { rows, width }: SheetContent, skipRows: number, { limits }: ReadRequest): void {
  if ((rows.at(-1) ?? 0) < skipRows + 1) {
    throw new DsrError(
      'input',
      `The sheet ${name} ends before its heading.`,
      'Check skip_rows in the contract. Where the sheet does hold rows, open it in Excel and save it again.',
    )
  }
  if (width > limits.columns) throw overLimit('columns', `The sheet ${name} has more than ${limits.columns} columns.`)
  if (rows.filter((row) => row > skipRows + 1).length > limits.rows)
    throw overLimit('rows', `The sheet ${name} has more than ${limits.rows} rows.`)
}

function selectSheet(path: string, name: string, { rows, width }: SheetContent, headingRow: number): string {
  const range = `A${headingRow}:${columnLetters(width)}${Math.max(rows.at(-1) ?? 0, headingRow + 1)}`
  return `from read_xlsx(${quoteText(path)}, sheet = ${quoteText(name)}, header = false, all_varchar = true,
    stop_at_empty = false, range = '${range}')`
}

async function giveSheet(
  rows: AsyncIterable<Cells[]>,
  content: SheetContent,
  headingRow: number,
  request: ReadRequest,
  output: Output,
): Promise<void> {
  const out = new Canonical()
  let headings: readonly string[] = []
  let row = headingRow
  for await (const batch of rows) {
    for (const cells of batch) {
      if (row === headingRow) {
        headings = cells.map((cell) => cell ?? '')
        output.begin(headings.length)
      } else if (cells.some((cell) => cell !== null)) addRow(out, row, cells, request.limits.cell_characters)
      row++
    }
    if (out.isFull) output.write(out.take())
  }
  output.write(out.take())
  output.end({
    counted: content.rows.filter((number) => number > headingRow).length,
    headings,
    lists: [],
    formulas: [...content.formulas]
      .filter(([, first]) => first > headingRow)
      .map(([column, first]) => ({ column, row: first })),
  })
}

function addRow(out: Canonical, row: number, cells: Cells, cellCharacters: number): void {
  const texts = cells.map((cell) => (cell === null ? null : plainNumber(cell)))
  const isLong = texts.some((text) => (text?.length ?? 0) > cellCharacters)
  const clean = texts.map((text) => (text === null ? null : spaceControls(isLong ? text.slice(0, 1000) : text)))
  const note = isLong ? 'over_long_record' : clean.some((text, at) => text !== texts[at]) ? 'control_characters' : ''
  out.text(`${row},${note},${clean.map((text) => (text === null ? '' : quoted(text))).join(',')}\n`)
}

/** Some programs write a long whole number as 9.990000018E9; its digits are an NHS number. */
function plainNumber(cell: string): string {
  if (!/^\d\.\d+E\+?\d+$/.test(cell)) return cell
  const number = Number(cell)
  return Number.isSafeInteger(number) ? String(number) : cell
}
