import type { FigurePage } from '../figurePage.ts'
import { chosenFilter, placeFilter } from '../placeFilter.ts'
import { gapsView } from './viewModel.ts'

export const gapsPage: FigurePage = {
  name: 'gaps',
  title: 'Gaps',
  cube: 'gaps_by_service_month',
  filters: (figures) => [placeFilter(figures), chosenFilter(figures, 'service', 'Service over time', 'services')],
  view: gapsView,
}
