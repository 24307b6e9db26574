import type { DraftCodes } from './likelyCode.ts'

/** A contract in the making: what goes where, and why somebody should look at it. */

export interface DraftField {
  readonly name: string
  readonly column?: string
  readonly columns?: readonly string[]
  readonly join?: string
  readonly value?: string
  readonly part?: string
  readonly by?: string
  /** How the column's dates are written: a form of strptime, `iso` or `serial`. */
  readonly dateForm?: string
  readonly codes?: DraftCodes
  /** Filled cells of its column. */
  readonly filled?: number
  readonly doubt: string | null
}

export interface DraftBlock {
  readonly table: string
  readonly sheet: string | null
  readonly skipRows: number
  readonly each: string | null
  readonly repeat: readonly number[]
  readonly split: { readonly column: string; readonly by: readonly string[] } | null
  readonly when: string | null
  readonly fields: readonly DraftField[]
}

export interface DraftTables {
  readonly blocks: readonly DraftBlock[]
  /** Columns that no field fits, as the contract names them. */
  readonly ignored: readonly string[]
  /** Columns that stand twice, which no contract can tell apart. */
  readonly doubled: readonly string[]
  /** Column that says on which day the extract was taken. */
  readonly extractDay: string | null
  /** No date of the file tells whether day or month comes first. */
  readonly isDayUnsure: boolean
}

/** The columns that a field reads. */
export function columnsOfField(field: DraftField): readonly string[] {
  return [...(field.column === undefined ? [] : [field.column]), ...(field.columns ?? [])]
}
