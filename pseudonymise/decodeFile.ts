import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { tableFromIPC, type Table } from 'apache-arrow'
import { unzip } from './unzip.ts'

/**
 * The text that a file says, not its bytes: Arrow dictionaries and metadata as words, gzip and zip unpacked, markup without
 * its tags, JSON strings without their escapes. Columnar and packed files hide a surname from a search of the raw bytes.
 * What a file is shows in its first bytes; its name only decides between kinds of text.
 */
export function decodeFile(path: string, bytes: Buffer = readFileSync(path)): string {
  const name = basename(path).toLowerCase()
  const starts = (signature: string): boolean => bytes.subarray(0, signature.length).toString('latin1') === signature
  if (starts('\u001f\u008b')) return decodeFile(path.replace(/\.gz$/i, ''), gunzipSync(bytes))
  if (starts('PK\u0003\u0004'))
    return unzip(bytes)
      .map((entry) => `${entry.name}\n${decodeFile(entry.name, entry.bytes)}`)
      .join('\n')
  if (starts('ARROW1') || name.endsWith('.arrow')) return decodeText(arrowText(tableFromIPC(bytes)))
  const text = bytesText(bytes)
  if (name.endsWith('.json')) return jsonText(text)
  return /\.(x?html?|svg|xml)$/.test(name) ? decodePage(text) : decodeText(text)
}

/** A page as a reader sees it, then the values of its attributes: a name in two cells of a table stands side by side. */
export function decodePage(markup: string): string {
  const tags = markup.match(/<[^>]*>/g) ?? []
  const attributes = tags.flatMap((tag) => [...tag.matchAll(/=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, a, b]) => a ?? b))
  // A word between keeps the end of one from meeting the beginning of the next.
  return decodeText([markup.replace(/<[^>]*>/g, ' '), ...attributes].join(' xx '))
}

/** Logs, pages and addresses hold texts inside quotes of other kinds, one inside the other at times: all are undone, twice. */
export function decodeText(text: string): string {
  return undoEscapes(undoEscapes(text))
}

/** UTF-16 by its mark, UTF-8 where it is that, else one byte a letter, as Windows writes. */
function bytesText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** Every distinct value of every column, one to a line, beside the names and metadata. */
function arrowText(table: Table): string {
  const lines = [...table.schema.metadata].flat()
  for (const field of table.schema.fields) {
    lines.push(field.name, ...[...field.metadata].flat(), ...distinctTexts(table, field.name))
  }
  return lines.join('\n')
}

/** Distinct values of one Arrow column as text, lists and structures opened; nulls left out. */
export function distinctTexts(table: Table, column: string): string[] {
  const values = new Set<string>()
  for (const value of table.getChild(column) ?? []) {
    if (value !== null && value !== undefined) values.add(textOf(value))
  }
  return [...values]
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}

function jsonText(text: string): string {
  try {
    return decodeText(stringsOf(JSON.parse(text)).join('\n'))
  } catch {
    return decodeText(text)
  }
}

function stringsOf(value: unknown): string[] {
  if (value === null) return []
  if (typeof value !== 'object') return [textOf(value)]
  return Object.entries(value).flatMap(([key, part]) =>
    Array.isArray(value) ? stringsOf(part) : [key, ...stringsOf(part)],
  )
}

const namedMarks: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  rsquo: '’',
  lsquo: '‘',
  nbsp: ' ',
  ndash: '-',
  shy: '',
}

/** The escapes of JSON, JavaScript, Python, addresses and markup; and UTF-8 that was read one byte a letter. */
function undoEscapes(text: string): string {
  return (
    text
      .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long?: string, short?: string) =>
        String.fromCharCode(parseInt(long ?? short ?? '20', 16)),
      )
      .replace(/\\[nrt]/g, ' ')
      .replace(/(?:%[0-9a-f]{2})+/gi, (run) => bytesText(Buffer.from(run.replaceAll('%', ''), 'hex')))
      .replace(/&#(?:(\d{1,7})|x([0-9a-f]{1,6}));/gi, (_, decimal?: string, hexadecimal?: string) =>
        String.fromCodePoint(Math.min(decimal ? Number(decimal) : parseInt(hexadecimal ?? '', 16), 0x10ffff)),
      )
      // &eacute; gives e: whoever looks for words takes accents off anyway.
      .replace(/&([a-z]{1,2})(?:acute|grave|circ|tilde|uml|cedil|ring|caron|slash|lig);/gi, '$1')
      .replace(/&([a-z]{2,5});/g, (entity, name: string) => namedMarks[name] ?? entity)
      .replace(/[\u00c2-\u00c5][\u0080-\u00bf]/g, (pair) => Buffer.from(pair, 'latin1').toString('utf8'))
  )
}
