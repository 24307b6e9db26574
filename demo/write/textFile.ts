import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import iconv from 'iconv-lite'

/** A text file that is written a piece at a time. */
export interface TextFile {
  write(text: string): void
  /** Hands what has gathered to the disk; call it now and then, so that memory stays small. */
  flush(): void
  close(): void
}

export function openTextFile(path: string, encoding: 'utf-8' | 'windows-1252', byteOrderMark = false): TextFile {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, 'w', 0o600)
  let pieces: string[] = byteOrderMark ? ['\uFEFF'] : []
  const flush = (): void => {
    const text = pieces.join('')
    pieces = []
    if (text !== '') writeSync(file, encoding === 'utf-8' ? Buffer.from(text) : iconv.encode(text, encoding))
  }
  return {
    write: (text) => void pieces.push(text),
    flush,
    close() {
      flush()
      closeSync(file)
    },
  }
}

/** One line of a file of values: those that hold the delimiter, a quote or a line break are quoted (RFC 4180). */
export function delimited(values: readonly (string | null)[], delimiter: string): string {
  return `${values.map((value) => quoteIfNeeded(value ?? '', delimiter)).join(delimiter)}\r\n`
}

function quoteIfNeeded(value: string, delimiter: string): string {
  return value.includes(delimiter) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
