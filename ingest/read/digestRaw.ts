import type { DuckDBConnection } from '@duckdb/node-api'
import { createHash } from 'node:crypto'
import { query, textIn } from '../statement.ts'
import type { RawTable } from './readRaw.ts'

/**
 * SHA-256 over what a source without a file holds, in hexadecimal: the same rows give the same digest, in whatever order
 * they came. The rows' own digests are joined by XOR; each holds its record number, so no two of them cancel.
 */
export async function digestRaw(connection: DuckDBConnection, raw: readonly RawTable[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, sheet, counted } of raw) {
    const [row] = await query(
      connection,
      'digest what was read',
      `select cast(bit_xor(md5_number(concat(record, ' ', note, ' ', c1))) as varchar) as digest from ${name}`,
    )
    hash.update(`${sheet}\n${counted}\n${textIn(row, 'digest')}\n`)
  }
  return hash.digest('hex')
}
