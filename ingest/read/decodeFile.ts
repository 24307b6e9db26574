import { isAscii } from 'node:buffer'
import { closeSync, openSync, readSync } from 'node:fs'
import iconv from 'iconv-lite'

export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252'

const chunkBytes = 1 << 20

/**
 * The file as UTF-8 without a byte-order mark, a million bytes at a time, never on disk. DuckDB itself reads neither
 * Windows-1252 nor the curly quotes that Windows puts into it. A byte that the encoding does not know becomes U+FFFD,
 * which a check finds later, with its row and column; what claims to be UTF-8 already is given as it is.
 */
export function* decodeFile(path: string, encoding: Encoding): Generator<Buffer> {
  if (encoding === 'utf-8') {
    let isFirst = true
    for (const chunk of chunksOf(path)) {
      yield isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk
      isFirst = false
    }
    return
  }
  if (encoding === 'windows-1252') {
    for (const chunk of chunksOf(path)) yield fromWindows(chunk)
    return
  }
  const decoder = iconv.getDecoder(encoding)
  for (const chunk of chunksOf(path)) yield Buffer.from(decoder.write(chunk))
  yield Buffer.from(decoder.end() ?? '')
}

/** The letters of the bytes 0x80 to 0x9f; all others have the same number in Windows-1252, Latin-1 and Unicode. */
const windowsLetters = iconv.decode(Buffer.from(Array.from({ length: 32 }, (_, index) => 0x80 + index)), 'windows-1252')

/** About twice as fast as a decoder that looks up every byte. */
function fromWindows(chunk: Buffer): Buffer {
  if (isAscii(chunk)) return chunk
  const text = chunk.toString('latin1')
  return Buffer.from(
    // eslint-disable-next-line no-control-regex -- these bytes are letters here
    text.replaceAll(/[\u0080-\u009f]/g, (letter) => windowsLetters[letter.charCodeAt(0) - 0x80] ?? '\ufffd'),
  )
}

/** Reading waits: nothing else happens in the process that reads, and waiting is the fastest way. */
function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes)
      const length = readSync(file, chunk, 0, chunkBytes, null)
      if (length === 0) return
      yield chunk.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}
