import { DsrError } from '../../register/errors.ts'
import { openDuckDB, quoteText } from '../../store/openDuckDB.ts'
import type { Output } from './readProcess.ts'
import type { ReadRequest } from './readRequest.ts'
import { overLimit, withoutName } from './requireKind.ts'
import type { Counter } from './scanCsv.ts'
import { JsonRecords } from './scanJson.ts'

const memoryLimit = '2GB'

/**
 * Gives the rows of a Parquet file as JSON records, numbered from 1: Parquet nests, and a JSON record holds all that it
 * can. Only where the contract says that the sender is trusted: the format is read by code that a crafted file can harm
 * (security.md DB-07).
 */
export async function readParquet({ path, read, limits }: ReadRequest, output: Output): Promise<void> {
  if (!read.trusted) {
    throw new DsrError(
      'input',
      'Parquet is read only from a sender who is trusted as our own, because a crafted file could harm its reader.',
      'Ask for CSV, or set read.trusted: true in the contract where the sender is one of your own systems.',
    )
  }
  const counter: Counter = { counted: 0, undecoded: 0 }
  const records = new JsonRecords(counter, limits.cell_characters)
  const database = await openDuckDB({ attach: [], memoryLimit, threads: 1 })
  try {
    await database.connection.run('set preserve_insertion_order = true')
    const source = `read_parquet(${quoteText(withoutName(path))}, binary_as_string = true)`
    const [counts] = (
      await database.connection.runAndReadAll(`select count(*)::integer as rows from ${source}`)
    ).getRows()
    const expected = Number(counts?.[0] ?? 0)
    if (expected > limits.rows) throw overLimit('rows', `The file has more than ${limits.rows} records.`)
    const rows = await database.connection.stream(`select to_json(record)::varchar from ${source} as record`)
    output.begin(1)
    let number = 0
    for await (const batch of rows.yieldRows()) {
      for (const [text] of batch) records.add(++number, typeof text === 'string' ? text : '', false)
      if (records.isFull) output.write(records.take())
    }
    output.write(records.take())
    const { paths, lists } = records.found
    if (paths.length > limits.columns)
      throw overLimit('columns', `The records hold more than ${limits.columns} values.`)
    // The file's own footer says how many rows it has: the count that knows nothing of what was read.
    output.end({ counted: expected, headings: paths, lists, formulas: [] })
  } finally {
    database.close()
  }
}
