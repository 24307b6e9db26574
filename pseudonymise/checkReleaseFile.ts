import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { DataType, tableFromIPC, type Field } from 'apache-arrow'
import { releaseColumnRule } from '../register/closedColumns.ts'
import { parseCsv } from '../register/readCodes.ts'
import { stateMarks } from '../register/release.ts'
import type { Breach } from './checkClosedText.ts'
import type { ClosedValues } from './closedValues.ts'
import { distinctTexts } from './decodeFile.ts'

/** Months are the first of a month; a day would tell more than is published. */
const monthPattern = /^\d{4}-(0[1-9]|1[0-2])-01$/
const marks: ReadonlySet<string> = new Set(Object.values(stateMarks))

/** Kinds of file that a release holds and the guard can look into. */
const readable = ['.arrow', '.csv', '.json']

interface Column {
  readonly name: string
  readonly texts: readonly string[]
}

/** Holds the text columns of one file of a release to their closed lists; a kind of file it does not know is a breach. */
export function checkReleaseFile(path: string, values: ClosedValues): readonly Breach[] {
  const file = basename(path)
  if (!readable.some((ending) => file.endsWith(ending))) return [{ place: file, problem: 'unreadable', rows: 0 }]
  if (file.endsWith('.arrow')) return checkArrow(path, values)
  if (file.endsWith('.csv')) return csvColumns(path).flatMap((column) => checkColumn(file, column, values))
  return []
}

function checkArrow(path: string, values: ClosedValues): readonly Breach[] {
  const file = basename(path)
  const table = tableFromIPC(readFileSync(path))
  return table.schema.fields.flatMap((field): readonly Breach[] => {
    if (DataType.isInt(field.type) || DataType.isFloat(field.type) || DataType.isBool(field.type)) return []
    if (!isText(field)) return [{ place: `${file}.${field.name}`, problem: 'unreadable', rows: 0 }]
    return checkColumn(file, { name: field.name, texts: distinctTexts(table, field.name) }, values)
  })
}

function isText(field: Field): boolean {
  const type: unknown = DataType.isDictionary(field.type) ? field.type.dictionary : field.type
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type)
}

function csvColumns(path: string): readonly Column[] {
  const [header = [], ...rows] = parseCsv(readFileSync(path, 'utf8'))
  // A cell beyond the header has no column, and so no list: it is held to a column without a name.
  const width = Math.max(header.length, ...rows.map((row) => row.length))
  return Array.from({ length: width }, (_, index) => ({
    name: header[index] ?? '',
    texts: [...new Set(rows.map((row) => row[index] ?? '').filter((text) => text !== ''))],
  }))
}

function checkColumn(file: string, { name, texts }: Column, values: ClosedValues): readonly Breach[] {
  const isAllowed = allowedIn(name, values)
  if (isAllowed === null) return [{ place: `${file}.${name || '(no heading)'}`, problem: 'undeclared', rows: 0 }]
  const rows = texts.filter((text) => !isAllowed(text)).length
  return rows > 0 ? [{ place: `${file}.${name}`, problem: 'not in its list', rows }] : []
}

function allowedIn(column: string, values: ClosedValues): ((text: string) => boolean) | null {
  if (column === 'month') return (text) => monthPattern.test(text)
  if (column === 'value') return (text) => marks.has(text) || /^\d{1,9}$/.test(text)
  const rule = releaseColumnRule(column)
  if (rule.kind !== 'closed') return null
  const lists = rule.lists.map((list) => values.get(list))
  return (text) => lists.some((list) => list?.has(text))
}
