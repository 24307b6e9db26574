import type { Figures } from '../figures.ts'
import type { FilterValues } from '../readFilters.ts'

/** What the view model of a page of figures is made from. */
export interface PageContext {
  readonly figures: Figures
  /** '' for published pages, '/exact' for exact ones. */
  readonly prefix: string
  readonly values: FilterValues
}

export function placeLabel({ figures, values }: PageContext): string {
  return figures.places.find(({ code }) => code === values['place'])?.label ?? figures.places[0]?.label ?? ''
}

export function placeCode({ figures, values }: PageContext): string {
  return values['place'] ?? figures.places[0]?.code ?? ''
}

/** "in Humber and North Yorkshire", "on the whole register". */
export function placeWords(context: PageContext): string {
  return placeCode(context) === 'all' ? 'on the whole register' : `in ${placeLabel(context)}`
}
