import { duckdbType, type Table } from '../register/readDictionary.ts'
import { quoteName } from '../store/openDuckDB.ts'

export interface RowColumn {
  /** Quoted. */
  readonly name: string
  readonly type: string
}

/** Columns of a staged or landed table: its fields, and the number that links a row to its person. */
export function rowColumns(table: Table): readonly RowColumn[] {
  const own = table.fields.map((field) => ({ name: quoteName(field.name), type: duckdbType(field) }))
  return table.name === 'people' ? own : [{ name: '"local_id"', type: 'varchar' }, ...own]
}
