import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { DsrError } from '../../register/errors.ts'
import type { ReadRequest } from './readRequest.ts'

/** What tells an encoding well. */
const headBytes = 65_536

/** What a file's first bytes say it is, whatever its name; the order matters only for the zip. */
const kinds: readonly { readonly name: string; readonly isIt: (head: Buffer) => boolean; readonly send: string }[] = [
  {
    name: 'a workbook or a zip file',
    isIt: starts('PK\x03\x04'),
    send: 'Correct read.format in the contract where it is a workbook (.xlsx); otherwise unpack it and send the file inside.',
  },
  {
    name: 'an empty or split zip file',
    isIt: (head) => starts('PK\x05\x06')(head) || starts('PK\x07\x08')(head),
    send: 'Unpack it and send the file inside.',
  },
  {
    name: 'an old Excel workbook (.xls) or one with a password',
    isIt: (head) => head.readUInt32BE(0) === 0xd0cf11e0,
    send: 'Open it in Excel and save it as a workbook (.xlsx) without a password.',
  },
  {
    name: 'Parquet',
    isIt: starts('PAR1'),
    send: 'Send CSV; or, where the sender is trusted as your own, set read.format: parquet and trusted: true.',
  },
  {
    name: 'an Arrow or Feather file',
    isIt: (head) => starts('ARROW1')(head) || starts('FEA1')(head) || starts('\xff\xff\xff\xff')(head),
    send: sendText(),
  },
  { name: 'a DuckDB database', isIt: (head) => head.toString('latin1', 8, 12) === 'DUCK', send: sendText() },
  { name: 'an SQLite database', isIt: starts('SQLite format 3'), send: sendText() },
  { name: 'a PDF', isIt: starts('%PDF'), send: sendText() },
  {
    name: 'a compressed file',
    isIt: (head) =>
      ['\x1f\x8b', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd', '7z\xbc\xaf', 'Rar!'].some((mark) => starts(mark)(head)),
    send: 'Unpack it and send the file inside.',
  },
  { name: 'an encrypted message', isIt: starts('-----BEGIN PGP'), send: 'Decrypt it before it is put here.' },
  {
    name: 'a web page or XML, perhaps one that is named like a workbook',
    isIt: (head) => /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table)/i.test(head.toString('latin1', 0, 100)),
    send: 'Open it in Excel and save it as CSV or as a workbook (.xlsx).',
  },
]

function starts(mark: string): (head: Buffer) => boolean {
  return (head) => head.toString('latin1', 0, mark.length) === mark
}

function sendText(): string {
  return 'Send the table as CSV, as a workbook (.xlsx) or as JSON.'
}

/**
 * A file has to be what its contract says, by its content and not by its name (security.md IN-03), and within the size
 * that the contract allows, before anything in it is read.
 * @throws DsrError 'input' with what it is and what to send instead
 */
export function requireKind({ path, read, limits }: ReadRequest): void {
  const { head, size } = headOf(path)
  if (size === 0) throw new DsrError('input', 'The file is empty.', 'Ask the agency to send it again.')
  if (size > limits.file_bytes) throw overLimit('file_bytes', `The file is larger than ${limits.file_bytes} bytes.`)
  const kind = kinds.find(({ isIt }) => isIt(head))
  if (read.format === 'xlsx' || read.format === 'parquet') {
    const expected = read.format === 'xlsx' ? 'PK\x03\x04' : 'PAR1'
    if (starts(expected)(head)) return
    throw new DsrError(
      'input',
      `The file is not ${read.format === 'xlsx' ? 'a whole .xlsx workbook' : 'Parquet'}${kind ? `: it is ${kind.name}` : ''}.`,
      kind && read.format === 'xlsx' ? kind.send : 'Correct read.format in the contract, or ask for the right file.',
    )
  }
  if (kind) throw new DsrError('input', `The file is ${kind.name}, not text.`, kind.send)
  requireEncoding(head, read.encoding)
}

/** The beginning of the file, at least 100 bytes with blanks behind a shorter one. */
function headOf(path: string): { readonly head: Buffer; readonly size: number } {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const length = Math.min(size, headBytes)
    // Spaces after a short file: its zeros are to be its own.
    const head = Buffer.alloc(Math.max(100, length), ' ')
    readSync(file, head, 0, length, 0)
    return { head, size }
  } finally {
    closeSync(file)
  }
}

/** A wrong encoding spoils every name that is not plain, so it is said before the first row is read. */
function requireEncoding(head: Buffer, declared: ReadRequest['read']['encoding']): void {
  if (declared === 'utf-16' && !head.subarray(0, 100).includes(0)) {
    throw new DsrError(
      'input',
      'The file is not in UTF-16, as its contract says.',
      'Set read.encoding: utf-8 (or windows-1252) in the contract, or ask for the file in utf-16.',
    )
  }
  const seen = encodingOf(head)
  if (seen === null || seen === declared) return
  throw new DsrError(
    'input',
    `The file is in ${seen.toUpperCase()}, but its contract says ${declared}.`,
    `Set read.encoding: ${seen} in the contract, or ask for the file in ${declared}.`,
  )
}

/** The encoding that the first bytes show beyond doubt; null where they show none. */
function encodingOf(head: Buffer): ReadRequest['read']['encoding'] | null {
  const mark = head.readUInt16BE(0)
  if (mark === 0xfffe || mark === 0xfeff) return 'utf-16'
  // Every second byte of English in UTF-16 is zero; NUL has no business in any other text.
  const zeros = head.filter((byte, index) => byte === 0 && index < 4000).length
  if (head.length > 100 && zeros > Math.min(head.length, 4000) / 4) return 'utf-16'
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  const whole = head.subarray(0, head.lastIndexOf(0x0a) + 1)
  const letters = whole.filter((byte) => byte >= 0xc0).length
  return letters >= 3 && isUtf8(whole) ? 'utf-8' : null
}

/**
 * The file by a number instead of its name, for DuckDB: it takes * ? [ in a name for a pattern, and would read another
 * file (security.md IN-05). It stays open to the end of the process.
 */
export function withoutName(path: string): string {
  return `/dev/fd/${openSync(path, 'r')}`
}

/** A refusal that names its limit and how to raise it. */
export function overLimit(limit: string, what: string): DsrError {
  return new DsrError(
    'input',
    what,
    `Check that it is the right file; where it is, raise limits: { ${limit}: … } in the contract.`,
  )
}
