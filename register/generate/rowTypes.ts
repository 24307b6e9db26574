import { pseudonymisedTables } from '../pseudonymisedColumns.ts'
import type { Dictionary } from '../readDictionary.ts'
import { identifiedTables, type TypedColumn } from './identifiedTables.ts'
import type { ReadList } from './readLists.ts'
import { generatedNote } from './stagingModels.ts'

/** Longer lists (councils, bed types) stay text: a union of hundreds helps nobody. */
const longestUnion = 40

/** `register/generated/tables.ts`: row types of the identified and the pseudonymised register, and of their codes. */
export function rowTypes(dictionary: Dictionary, readList: ReadList): string {
  const zones = [
    ...identifiedTables(dictionary).map((table) => ({ zone: 'Identified', ...table })),
    ...pseudonymisedTables(dictionary).map((table) => ({ zone: 'Pseudonymised', ...table })),
  ]
  const named = zones.flatMap((table) => table.columns.flatMap(listsOf))
  const unions = [...new Set(named)].filter((list) => isUnion(readList(list).length)).sort()
  const rows = zones.map(({ zone, name, grain, columns }) =>
    rowType(`${zone}${typeName(name)}Row`, grain, columns, new Set(unions)),
  )
  return `// ${generatedNote}
// Dates are yyyy-mm-dd, whole numbers are numbers, a field that nobody gave is null.
import type { Pseudonym } from '../pseudonym.ts'

${[...unions.map((list) => codeType(list, readList)), ...rows].join('\n\n')}
`
}

function isUnion(codes: number): boolean {
  return codes > 0 && codes <= longestUnion
}

function listsOf(column: TypedColumn): readonly string[] {
  return column.list?.split('|') ?? []
}

function codeType(list: string, readList: ReadList): string {
  const codes = readList(list).map(({ code }) => `'${code}'`)
  const oneLine = `export type ${typeName(list)}Code = ${codes.join(' | ')}`
  if (oneLine.length <= 120) return oneLine
  return [`export type ${typeName(list)}Code =`, ...codes.map((code) => `  | ${code}`)].join('\n')
}

function rowType(name: string, grain: string, columns: readonly TypedColumn[], unions: ReadonlySet<string>): string {
  const fields = columns.map((column) => {
    const type = `${valueType(column, unions)}${column.required ? '' : ' | null'}`
    return `  /** ${column.meaning} */\n  readonly ${column.name}: ${type}`
  })
  return [`/** One row per ${grain}. */`, `export interface ${name} {`, ...fields, '}'].join('\n')
}

function valueType(column: TypedColumn, unions: ReadonlySet<string>): string {
  if (column.name === 'pseudonym') return 'Pseudonym'
  if (column.type === 'varchar[]') return `readonly ${textType(column, unions)}[]`
  if (column.type === 'boolean') return 'boolean'
  return ['varchar', 'date'].includes(column.type) ? textType(column, unions) : 'number'
}

function textType(column: TypedColumn, unions: ReadonlySet<string>): string {
  const lists = listsOf(column)
  const isClosed = lists.length > 0 && lists.every((list) => unions.has(list))
  return isClosed ? lists.map((list) => `${typeName(list)}Code`).join(' | ') : 'string'
}

function typeName(name: string): string {
  return name
    .split('_')
    .map((part) => `${part[0]?.toUpperCase() ?? ''}${part.slice(1)}`)
    .join('')
}
