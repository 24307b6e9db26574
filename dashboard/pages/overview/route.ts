import type { FigurePage } from '../figurePage.ts'
import { placeFilter } from '../placeFilter.ts'
import { overviewView } from './viewModel.ts'

export const overviewPage: FigurePage = {
  name: 'overview',
  title: 'Overview',
  cube: 'people_by_rating_month',
  filters: (figures) => [placeFilter(figures)],
  view: overviewView,
}
