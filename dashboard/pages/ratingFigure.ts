import type { RatingPoint } from '../charts/drawRatingLines.ts'
import { drawRatingLines } from '../charts/drawRatingLines.ts'
import { altText, cubeFile, keyNotes, stampOf, widths, type FigureView } from '../figureView.ts'
import { cellAt, monthsOf } from '../series.ts'
import { cellText, listWords, peopleWords } from '../words/formatCells.ts'
import { monthName } from '../words/formatDates.ts'
import type { CubeName } from '../../register/release.ts'
import { placeLabel, type PageContext } from './pageContext.ts'

export interface RatingFigure {
  readonly id: string
  readonly title: string
  /** What is counted, as the subtitle begins: "People on the register at the end of each month". */
  readonly measure: string
  readonly cube: CubeName
  /** One place's points of every rating and of `all`. */
  readonly points: readonly RatingPoint[]
}

/** Lines by rating over the months with their table: for people and for overdue reviews alike. */
export function ratingFigure(context: PageContext, figure: RatingFigure): FigureView {
  const { figures, prefix } = context
  const months = monthsOf(figure.points)
  const ratings = figures.codes('ratings').filter((code) => code !== 'all')
  const labelled = ratings.map((code) => ({ code, label: figures.label('ratings', code) }))
  const of = (rating: string): readonly RatingPoint[] => figure.points.filter((point) => point.rating === rating)
  const points = ratings.flatMap(of)
  const latest = months.at(-1) ?? ''
  const alt = altText(
    `Lines by rating from ${monthName(months[0] ?? latest)} to ${monthName(latest)}. At the end: ` +
      `${listWords(labelled.map(({ code, label }) => `${label.replace(/ \(.*/, '').toLowerCase()} ${cellText(cellAt(of(code), latest))}`))}.`,
  )
  const draw = (width: number): string => drawRatingLines(points, labelled, width, alt)
  return {
    id: figure.id,
    title: figure.title,
    subtitle: `${figure.measure}, by rating. Number of people, ${placeLabel(context)}, ${monthName(months[0] ?? latest)} to ${monthName(latest)}.`,
    wide: draw(widths.wide),
    narrow: draw(widths.narrow),
    isScrolling: false,
    notes: [
      ...(points.some((point) => point.value === null)
        ? ['A letter on the base line marks a month whose number is not shown.']
        : []),
      ...keyNotes(figures),
    ],
    table: {
      caption: `${figure.measure}, ${placeLabel(context)}`,
      columns: [
        { text: 'Month', numeric: false },
        ...[...ratings, 'all'].map((code) => ({ text: figures.label('ratings', code), numeric: true })),
      ],
      rows: [...months]
        .reverse()
        .map((month) => [monthName(month), ...[...ratings, 'all'].map((code) => cellText(cellAt(of(code), month)))]),
    },
    file: cubeFile(figure.cube, prefix),
    stamp: stampOf(figures),
  }
}

/** The latest number of a rating in words, for sentences. */
export function latestWords(points: readonly RatingPoint[], rating: string, month: string): string {
  return peopleWords(
    cellAt(
      points.filter((point) => point.rating === rating),
      month,
    ),
  )
}
