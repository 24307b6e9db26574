import type { Cell } from '../../../register/release.ts'
import { drawGrid, type GridCell } from '../../charts/drawGrid.ts'
import { altText, cubeFile, keyNotes, stampOf, widths, type FigureView } from '../../figureView.ts'
import { cellAt, compareMonths, monthsOf } from '../../series.ts'
import { changeWords } from '../../words/compareCells.ts'
import { cellText, listWords, peopleWords } from '../../words/formatCells.ts'
import { monthName } from '../../words/formatDates.ts'
import { placeCode, placeLabel, placeWords, type PageContext } from '../pageContext.ts'
import { ratingFigure } from '../ratingFigure.ts'

export interface OverviewView {
  readonly heading: string
  readonly lead: string
  /** The latest number of each rating and of all. */
  readonly tiles: readonly {
    readonly rating: string
    readonly label: string
    readonly value: string
    readonly change: string
  }[]
  readonly figures: readonly FigureView[]
}

/** Who is on the register, by rating: over time, and by place. */
export function overviewView(context: PageContext): OverviewView {
  const { figures } = context
  const points = figures.rows('people_by_rating_month', placeCode(context))
  const { now, before, words } = compareMonths(monthsOf(points))
  const cellOf = (rating: string, month: string) =>
    cellAt(
      points.filter((point) => point.rating === rating),
      month,
    )
  const change = (rating: string): string =>
    changeWords(cellOf(rating, now), cellOf(rating, before), words, figures.isExact)
  const title = `${capitalise(peopleWords(cellOf('all', now)))} ${placeWords(context)} at the end of ${monthName(now)}${change('all') ? `, ${change('all')}` : ''}`
  const lines = ratingFigure(context, {
    id: 'people-by-rating',
    title,
    measure: 'People on the register at the end of each month',
    cube: 'people_by_rating_month',
    points,
  })
  return {
    heading: `Overview: ${placeLabel(context)}`,
    lead: `People on the register at the end of ${monthName(now)}, by how great the risk is that they are admitted to a mental health hospital.`,
    tiles: ['all', ...figures.codes('ratings').filter((code) => code !== 'all')].map((rating) => ({
      rating,
      label: figures.label('ratings', rating),
      value: cellText(cellOf(rating, now)),
      change: change(rating),
    })),
    figures: figures.places.length > 1 ? [lines, byPlace(context, now)] : [lines],
  }
}

/** Places against ratings at one month's end. */
function byPlace(context: PageContext, month: string): FigureView {
  const { figures, prefix } = context
  const ratings = [...figures.codes('ratings').filter((code) => code !== 'all'), 'all']
  const places = figures.places.filter(({ code }) => code !== 'all')
  const cellOf = (place: string, rating: string) =>
    cellAt(
      figures.rows('people_by_rating_month', place).filter((row) => row.rating === rating),
      month,
    )
  const most = Math.max(
    1,
    ...places.flatMap(({ code }) => ratings.slice(0, -1).map((rating) => cellOf(code, rating).value ?? 0)),
  )
  const cells: GridCell[] = places.flatMap(({ code, label }) =>
    ratings.map((rating) => {
      const cell = cellOf(code, rating)
      const weight = cell.value === null ? null : rating === 'all' ? 0 : (cell.value / most) * 0.999
      return { row: label, column: figures.label('ratings', rating), text: cellText(cell), weight }
    }),
  )
  const title = mostRed(places.map(({ code, label }) => ({ label, cell: cellOf(code, 'red') })))
  const alt = altText(
    `Grid of places and ratings. All ratings together: ${places.map(({ code, label }) => `${label} ${cellText(cellOf(code, 'all'))}`).join(', ')}.`,
  )
  const draw = (width: number): string =>
    drawGrid(
      cells,
      places.map(({ label }) => label),
      ratings.map((code) => figures.label('ratings', code)),
      { width, rowHeight: 40, chosenRow: placeLabel(context) },
      alt,
    )
  return {
    id: 'people-by-place',
    title,
    subtitle: `People on the register by responsible ICB and rating. Number of people, end of ${monthName(month)}.`,
    wide: draw(widths.wide),
    narrow: draw(widths.narrow),
    isScrolling: false,
    notes: ['Darker means more people; the column of all ratings is not shaded.', ...keyNotes(figures)],
    table: {
      caption: `People on the register by place and rating, end of ${monthName(month)}`,
      columns: [
        { text: 'Place', numeric: false },
        ...ratings.map((code) => ({ text: figures.label('ratings', code), numeric: true })),
      ],
      rows: places.map(({ code, label }) => [label, ...ratings.map((rating) => cellText(cellOf(code, rating)))]),
    },
    file: cubeFile('people_by_rating_month', prefix),
    stamp: stampOf(figures),
  }
}

function mostRed(places: readonly { readonly label: string; readonly cell: Cell }[]): string {
  const most = Math.max(...places.map(({ cell }) => cell.value ?? 0))
  const top = places.filter(({ cell }) => cell.value === most)
  const [first] = top
  if (first === undefined) return 'In no place are enough people rated red to show'
  const each = top.length > 1 ? ' each' : ''
  return `Most people rated red: ${listWords(top.map(({ label }) => label))}, ${peopleWords(first.cell)}${each}`
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
