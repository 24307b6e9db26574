import type { FigurePage } from '../figurePage.ts'
import { chosenFilter, placeFilter } from '../placeFilter.ts'
import { themesView } from './viewModel.ts'

export const themesPage: FigurePage = {
  name: 'themes',
  title: 'Themes',
  cube: 'themes_by_month',
  filters: (figures) => [placeFilter(figures), chosenFilter(figures, 'theme', 'Theme over time', 'themes')],
  view: themesView,
}
