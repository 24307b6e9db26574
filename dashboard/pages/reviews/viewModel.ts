import { drawGrid, type GridCell } from '../../charts/drawGrid.ts'
import type { Cell } from '../../../register/release.ts'
import { altText, cubeFile, keyNotes, stampOf, widths, type FigureView } from '../../figureView.ts'
import { cellAt, compareMonths, monthsOf } from '../../series.ts'
import { changeWords } from '../../words/compareCells.ts'
import { cellText, listWords, peopleWords, share } from '../../words/formatCells.ts'
import { monthName } from '../../words/formatDates.ts'
import { placeCode, placeLabel, placeWords, type PageContext } from '../pageContext.ts'
import { ratingFigure } from '../ratingFigure.ts'

export interface ReviewsView {
  readonly heading: string
  readonly lead: string
  readonly figures: readonly FigureView[]
}

/** Whose review is overdue, by rating: over time, and by place. */
export function reviewsView(context: PageContext): ReviewsView {
  const { figures } = context
  const rows = figures.rows('reviews_by_rating_month', placeCode(context))
  const overdue = rows.filter((row) => row.measure === 'overdue')
  const { now, before, words } = compareMonths(monthsOf(rows))
  const all = (month: string): Cell =>
    cellAt(
      overdue.filter((row) => row.rating === 'all'),
      month,
    )
  const change = changeWords(all(now), all(before), words, figures.isExact)
  const percent = share(
    all(now),
    cellAt(
      rows.filter((row) => row.measure === 'people' && row.rating === 'all'),
      now,
    ),
  )
  const title = `Overdue ${placeWords(context)}: ${peopleWords(all(now))}${percent === null ? '' : ` (${percent}%)`}${change ? `, ${change}` : ''}`
  const lines = ratingFigure(context, {
    id: 'overdue-by-rating',
    title,
    measure: 'People whose review was overdue at the end of each month',
    cube: 'reviews_by_rating_month',
    points: overdue,
  })
  return {
    heading: `Reviews: ${placeLabel(context)}`,
    lead: 'A review is overdue when its due date has passed. A person never reviewed is due from the day of acceptance.',
    figures: figures.places.length > 1 ? [lines, byPlace(context, now)] : [lines],
  }
}

/** Places against ratings at one month's end: how many of how many are overdue. */
function byPlace(context: PageContext, month: string): FigureView {
  const { figures, prefix } = context
  const ratings = [...figures.codes('ratings').filter((code) => code !== 'all'), 'all']
  const places = figures.places.filter(({ code }) => code !== 'all')
  const cellOf = (place: string, rating: string, measure: string): Cell =>
    cellAt(
      figures.rows('reviews_by_rating_month', place).filter((row) => row.rating === rating && row.measure === measure),
      month,
    )
  const shareOf = (place: string, rating: string): number | null =>
    share(cellOf(place, rating, 'overdue'), cellOf(place, rating, 'people'))
  const textOf = (place: string, rating: string): string => {
    const percent = shareOf(place, rating)
    const counts = `${cellText(cellOf(place, rating, 'overdue'))} of ${cellText(cellOf(place, rating, 'people'))}`
    return percent === null ? counts : `${counts} (${percent}%)`
  }
  const cells: GridCell[] = places.flatMap(({ code, label }) =>
    ratings.map((rating) => {
      const percent = shareOf(code, rating)
      return {
        row: label,
        column: figures.label('ratings', rating),
        text: textOf(code, rating).replace(' (', '\n').replace(')', ''),
        weight: percent === null ? null : percent / 100.1,
      }
    }),
  )
  const shares = places.map(({ code, label }) => ({ label, percent: shareOf(code, 'all') }))
  const largest = Math.max(...shares.map(({ percent }) => percent ?? -1))
  const worst = shares.filter(({ percent }) => percent === largest)
  const title =
    worst.length > 0
      ? `Largest share overdue, ${largest}%: ${listWords(worst.map(({ label }) => label))}`
      : 'In no place are enough reviews overdue to show a share'
  const alt = altText(
    `Grid of places and ratings. Overdue of all: ${places.map(({ code, label }) => `${label} ${textOf(code, 'all')}`).join('; ')}.`,
  )
  const draw = (width: number): string =>
    drawGrid(
      cells,
      places.map(({ label }) => label),
      ratings.map((code) => figures.label('ratings', code)),
      { width, rowHeight: 46, chosenRow: placeLabel(context) },
      alt,
    )
  return {
    id: 'overdue-by-place',
    title,
    subtitle: `People whose review is overdue, of all people, by responsible ICB and rating. End of ${monthName(month)}.`,
    wide: draw(widths.wide),
    narrow: draw(widths.narrow),
    isScrolling: false,
    notes: [
      'Darker means a larger share. A share is worked out from the numbers as they stand here, and only where both are shown.',
      ...keyNotes(figures),
    ],
    table: {
      caption: `Overdue of all people by place and rating, end of ${monthName(month)}`,
      columns: [
        { text: 'Place', numeric: false },
        ...ratings.map((code) => ({ text: figures.label('ratings', code), numeric: true })),
      ],
      rows: places.map(({ code, label }) => [label, ...ratings.map((rating) => textOf(code, rating))]),
    },
    file: cubeFile('reviews_by_rating_month', prefix),
    stamp: stampOf(figures),
  }
}
