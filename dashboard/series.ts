import type { Cell } from '../register/release.ts'

export interface MonthCell extends Cell {
  readonly month: string
}

/** What stands for a cell that no row gives: never a zero. */
export const missingCell: Cell = { value: null, state: 'not_available' }

/** Months of the rows, oldest first. */
export function monthsOf(rows: readonly { readonly month: string }[]): readonly string[] {
  return [...new Set(rows.map((row) => row.month))].sort()
}

/** The cell of a month, or a missing one. */
export function cellAt(rows: readonly MonthCell[], month: string | undefined): Cell {
  return rows.find((row) => row.month === month) ?? missingCell
}

/** The newest month that shows anything and the one a year before it (the oldest there is, where that is nearer). */
export function compareMonths(months: readonly string[]): {
  readonly now: string
  readonly before: string
  readonly words: string
} {
  const now = months.at(-1) ?? ''
  const yearBefore = months.at(-13)
  const before = yearBefore ?? months[0] ?? ''
  const count = months.length - 1
  return {
    now,
    before,
    words: yearBefore !== undefined ? 'a year before' : count === 1 ? 'a month before' : `${count} months before`,
  }
}
