import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { tableFromIPC, type Table } from 'apache-arrow'

/**
 * The text that a file says, not its bytes: Arrow dictionaries and metadata as words, gzip unpacked, JSON strings without
 * their escapes. Columnar and packed files hide a surname from a search of the raw bytes.
 */
export function decodeFile(path: string, bytes: Buffer = readFileSync(path)): string {
  const name = basename(path).toLowerCase()
  if (name.endsWith('.gz')) return decodeFile(path.slice(0, -3), gunzipSync(bytes))
  if (name.endsWith('.arrow')) return arrowText(tableFromIPC(bytes))
  const text = bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')
  return name.endsWith('.json') ? jsonText(text) : unescape(text)
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
    return unescape(stringsOf(JSON.parse(text)).join('\n'))
  } catch {
    return unescape(text)
  }
}

function stringsOf(value: unknown): string[] {
  if (value === null) return []
  if (typeof value !== 'object') return [textOf(value)]
  return Object.entries(value).flatMap(([key, part]) =>
    Array.isArray(value) ? stringsOf(part) : [key, ...stringsOf(part)],
  )
}

/** Logs and pages hold texts inside quotes of another kind: the usual escapes of JSON, HTML and addresses are undone. */
function unescape(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
    .replace(/&nbsp;|%20/g, ' ')
    .replace(/%40/g, '@')
    .replace(/&amp;/g, '&')
}
