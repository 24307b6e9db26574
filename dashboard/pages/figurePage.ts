import type { CubeName } from '../../register/release.ts'
import type { Figures } from '../figures.ts'
import type { Filter } from '../readFilters.ts'
import type { PageContext } from './pageContext.ts'

/** A page of figures: served published and exact, from the same view model. */
export interface FigurePage {
  /** The last part of its address, and the folder of its template. */
  readonly name: 'overview' | 'reviews' | 'themes' | 'gaps'
  readonly title: string
  /** Without a cell of this one for a place there is nothing to show of it. */
  readonly cube: CubeName
  readonly filters: (figures: Figures) => readonly Filter[]
  readonly view: (context: PageContext) => object
}
