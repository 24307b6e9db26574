import { cubeNames, type CubeName } from '../register/release.ts'
import type { Figures } from './figures.ts'
import { dayName } from './words/formatDates.ts'

export interface TableView {
  readonly caption: string
  readonly columns: readonly { readonly text: string; readonly numeric: boolean }[]
  /** Texts as they are printed; the first of each row is its heading. */
  readonly rows: readonly (readonly string[])[]
}

/** One figure as it is shown: finding, what it is, chart, key, table, file, stamp. */
export interface FigureView {
  readonly id: string
  /** The finding, from the data. */
  readonly title: string
  /** Measure, unit, place, period. */
  readonly subtitle: string
  /** SVG for a wide window, and for a narrow one. */
  readonly wide: string
  readonly narrow: string
  /** The narrow one is still wider than a telephone and scrolls sideways. */
  readonly isScrolling: boolean
  readonly notes: readonly string[]
  readonly table: TableView
  readonly file: { readonly href: string; readonly text: string }
  readonly stamp: string
}

/** Widths that charts are drawn at, in pixels: text stays readable without scaling at 1280 and at 375. */
export const widths = { wide: 900, narrow: 330 } as const

/** Key of the marks, needed wherever a published figure stands. */
export function keyNotes(figures: Figures): readonly string[] {
  if (figures.isExact) return ['Exact figures, not for publication: small numbers can point to a person.']
  return [
    '[c] stands for 0 to 4 people, whether 0 or 4. Other numbers are rounded to the nearest 5 and need not add up.',
  ]
}

export function stampOf(figures: Figures): string {
  const kind = figures.isExact ? 'Version' : 'Release'
  return `${kind} ${figures.id} · data to ${dayName(figures.asOf)}`
}

/** Where a cube's CSV is: published ones beside the pages, exact ones behind their permission. */
export function cubeFile(cube: CubeName, prefix: string): FigureView['file'] {
  return { href: `${prefix}/files/${cube}.csv`, text: 'Download all places and months (CSV)' }
}

export function cubeFileNames(): readonly string[] {
  return cubeNames.flatMap((name) => [`${name}.csv`, `${name}.arrow`])
}

/** Alt texts hold 220 characters at most; the table beneath holds everything. */
export function altText(text: string): string {
  return text.length <= 220 ? text : `${text.slice(0, 217).replace(/[\s,;]+\S*$/, '')}...`
}
