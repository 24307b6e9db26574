import type { Request, Response } from 'express'
import { groupBy } from './groupBy.ts'
import type { Cell, CubeName, CubeRows } from '../register/release.ts'

export interface Place {
  /** ODS code of an ICB, or all. */
  readonly code: string
  readonly label: string
}

/** The figures that pages are drawn from: those of a release, or exact ones of a version in the restricted zone. */
export interface Figures {
  /** Id of the release, or of the version. */
  readonly id: string
  readonly asOf: string
  readonly isExact: boolean
  /** The places this reader may pick, in the order of the list; the first is taken when none is picked. Never empty. */
  readonly places: readonly Place[]
  label(list: string, code: string): string
  /** Codes of a list in its own order. */
  codes(list: string): readonly string[]
  /** Cells of one place by month and code; empty for a place that is not among `places`. */
  rows<Name extends CubeName>(cube: Name, place: string): readonly CubeRows[Name][]
}

/** Where a page gets its figures; null while there are none. In the restricted zone they depend on who asks. */
export interface FiguresSource {
  readonly current: (request: Request, response: Response) => Figures | null | Promise<Figures | null>
}

export interface FiguresParts {
  readonly id: string
  readonly asOf: string
  readonly isExact: boolean
  readonly places: readonly Place[]
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly rows: { readonly [Name in CubeName]: readonly CubeRows[Name][] }
}

/** Figures from rows in any order: indexed by place, so that a page reads only what it shows. */
export function makeFigures(parts: FiguresParts): Figures {
  const { id, asOf, isExact, places, labels } = parts
  if (places.length === 0) throw new Error('figures without a place')
  const allowed = new Set(places.map(({ code }) => code))
  const byPlace = new Map<string, readonly (Cell & { readonly place: string })[]>()
  for (const name of Object.keys(parts.rows) as CubeName[]) {
    const rows: readonly (Cell & { readonly place: string })[] = parts.rows[name]
    for (const [place, own] of groupBy(rows, (row) => row.place)) {
      if (allowed.has(place)) byPlace.set(`${name}/${place}`, own)
    }
  }
  return {
    id,
    asOf,
    isExact,
    places,
    label: (list, code) => labels[list]?.[code] ?? code,
    codes: (list) => Object.keys(labels[list] ?? {}),
    rows: <Name extends CubeName>(name: Name, place: string) =>
      (byPlace.get(`${name}/${place}`) ?? []) as readonly CubeRows[Name][],
  }
}

/** The dimensions of each cube, in the order of its files. */
export const cubeColumns: { readonly [Name in CubeName]: readonly (keyof CubeRows[Name] & string)[] } = {
  people_by_rating_month: ['month', 'place', 'rating'],
  reviews_by_rating_month: ['month', 'place', 'rating', 'measure'],
  themes_by_month: ['month', 'place', 'theme_code'],
  gaps_by_service_month: ['month', 'place', 'service_code'],
  gaps_by_family_reason: ['place', 'service_family', 'unavailable_reason'],
}
