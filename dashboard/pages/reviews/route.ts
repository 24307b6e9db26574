import type { FigurePage } from '../figurePage.ts'
import { placeFilter } from '../placeFilter.ts'
import { reviewsView } from './viewModel.ts'

export const reviewsPage: FigurePage = {
  name: 'reviews',
  title: 'Reviews',
  cube: 'reviews_by_rating_month',
  filters: (figures) => [placeFilter(figures)],
  view: reviewsView,
}
