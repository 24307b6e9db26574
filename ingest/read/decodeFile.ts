import { createReadStream } from 'node:fs'
import iconv from 'iconv-lite'

export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252'

/**
 * The file as UTF-8 without a byte-order mark, a million bytes at a time, never on disk. DuckDB itself reads neither
 * Windows-1252 nor the curly quotes that Windows puts into it. A byte that the encoding does not know becomes U+FFFD,
 * which a check finds later, with its row and column.
 */
export async function* decodeFile(path: string, encoding: Encoding): AsyncGenerator<Buffer> {
  const chunks = createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>
  if (encoding === 'utf-8') {
    let first = true
    for await (const chunk of chunks) {
      yield first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
      first = false
    }
    return
  }
  const decoder = iconv.getDecoder(encoding)
  for await (const chunk of chunks) yield Buffer.from(decoder.write(chunk))
  yield Buffer.from(decoder.end() ?? '')
}
