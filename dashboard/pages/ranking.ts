import type { Cell, CubeName } from '../../register/release.ts'
import { drawRankedBars } from '../charts/drawRankedBars.ts'
import { drawTrendLines, type TrendPoint } from '../charts/drawTrendLines.ts'
import { altText, cubeFile, keyNotes, stampOf, widths, type FigureView } from '../figureView.ts'
import { cellAt, compareMonths, monthsOf } from '../series.ts'
import { changeWords, direction, leastChange, levelWords } from '../words/compareCells.ts'
import { cellText, listWords, peopleWords } from '../words/formatCells.ts'
import { monthName } from '../words/formatDates.ts'
import { placeLabel, type PageContext } from './pageContext.ts'

/** Monthly counts by one code list: themes, or services with a gap. */
export interface Ranking {
  readonly points: readonly TrendPoint[]
  /** Codes in the list's own order. */
  readonly codes: readonly string[]
  readonly labelOf: (code: string) => string
  readonly months: readonly string[]
  readonly now: string
  readonly before: string
  readonly beforeWords: string
  readonly isExact: boolean
}

export interface RankingWords {
  readonly cube: CubeName
  /** Ids of the two figures. */
  readonly ids: { readonly latest: string; readonly trend: string }
  /** "People with a theme" */
  readonly measure: string
  readonly listName: string
  readonly note: string
  /** The finding: from a phrase such as "Self-harm (20 people), then Suicidal ideation". */
  readonly titleOf: (top: string) => string
  readonly nothing: string
  /** Where every exact number is nought. */
  readonly nobody: string
}

export function rankingOf(
  points: readonly TrendPoint[],
  codes: readonly string[],
  labelOf: (code: string) => string,
  isExact: boolean,
): Ranking {
  const months = monthsOf(points)
  const { now, before, words } = compareMonths(months)
  return { points, codes, labelOf, months, now, before, beforeWords: words, isExact }
}

export function cellOf(ranking: Ranking, code: string, month: string): Cell {
  return cellAt(
    ranking.points.filter((point) => point.code === code),
    month,
  )
}

/** From most to least; what is not shown keeps the list's order after them, so that its place says nothing (SD-04). */
export function rankedCodes(ranking: Ranking): readonly string[] {
  const valueOf = new Map(
    ranking.points.filter((point) => point.month === ranking.now).map(({ code, value }) => [code, value]),
  )
  return ranking.codes
    .map((code, at) => ({ code, at, value: valueOf.get(code) ?? -1 }))
    .sort((a, b) => b.value - a.value || a.at - b.at)
    .map(({ code }) => code)
}

/** The series that rose most, else the largest; the first of the list when nothing is shown. */
export function mostNotable(ranking: Ranking): string {
  const rises = ranking.codes
    .map((code) => ({ code, now: cellOf(ranking, code, ranking.now), before: cellOf(ranking, code, ranking.before) }))
    .filter(({ now, before }) => direction(now, before, ranking.isExact) === 'up')
    .sort((a, b) => (leastChange(b.now, b.before) ?? 0) - (leastChange(a.now, a.before) ?? 0))
  return rises[0]?.code ?? rankedCodes(ranking)[0] ?? ''
}

/** The largest with its number; all of them where several are equal, as none of those can be called the largest. */
function topWords(ranking: Ranking, shown: readonly string[]): string {
  const [first = '', ...others] = shown
  const most = cellOf(ranking, first, ranking.now)
  const equal = others.filter((code) => cellOf(ranking, code, ranking.now).value === most.value)
  if (equal.length > 2) return `${shown.length > 3 ? 'several' : 'all'} with ${peopleWords(most)} each`
  if (equal.length > 0) return `${listWords([first, ...equal].map(ranking.labelOf))} (${peopleWords(most)} each)`
  const [second] = others
  return `${ranking.labelOf(first)} (${peopleWords(most)})${second === undefined ? '' : `, then ${ranking.labelOf(second)}`}`
}

/** None of a list of noughts is the most frequent, and only exact figures show a nought. */
function headline(ranking: Ranking, shown: readonly string[], words: RankingWords): string {
  const [first] = shown
  if (first === undefined) return words.nothing
  return cellOf(ranking, first, ranking.now).value === 0 ? words.nobody : words.titleOf(topWords(ranking, shown))
}

/** Bars of the latest month with what each was before. */
export function latestFigure(context: PageContext, ranking: Ranking, chosen: string, words: RankingWords): FigureView {
  const { figures, prefix } = context
  const ordered = rankedCodes(ranking)
  const shown = ordered.filter((code) => cellOf(ranking, code, ranking.now).value !== null)
  const [first] = shown
  const bars = ordered.map((code) => {
    const cell = cellOf(ranking, code, ranking.now)
    const before = cellOf(ranking, code, ranking.before)
    const was = before.state === 'shown' || before.state === 'suppressed' ? ` (was ${levelWords(before)})` : ''
    return { ...cell, code, label: ranking.labelOf(code), text: `${cellText(cell)}${cell.value === null ? '' : was}` }
  })
  const alt = altText(
    first === undefined
      ? 'No bar: every number is too small to show.'
      : `Bars from most to least: ${listWords(shown.slice(0, 4).map((code) => `${ranking.labelOf(code)} ${cellText(cellOf(ranking, code, ranking.now))}`))}. ${ordered.length - shown.length} of ${ordered.length} are not shown.`,
  )
  return {
    id: words.ids.latest,
    title: headline(ranking, shown, words),
    subtitle: `${words.measure} at the end of ${monthName(ranking.now)}, in brackets ${ranking.beforeWords}. Number of people, ${placeLabel(context)}.`,
    wide: drawRankedBars(bars, chosen, widths.wide, alt),
    narrow: drawRankedBars(bars, chosen, widths.narrow, alt),
    isScrolling: false,
    notes: [words.note, ...keyNotes(figures)],
    table: {
      caption: `${words.measure}, ${placeLabel(context)}`,
      columns: [
        { text: words.listName, numeric: false },
        { text: monthName(ranking.now), numeric: true },
        { text: monthName(ranking.before), numeric: true },
      ],
      rows: ordered.map((code) => [
        ranking.labelOf(code),
        cellText(cellOf(ranking, code, ranking.now)),
        cellText(cellOf(ranking, code, ranking.before)),
      ]),
    },
    file: cubeFile(words.cube, prefix),
    stamp: stampOf(figures),
  }
}

/** One series over the months among all the others. */
export function trendFigure(context: PageContext, ranking: Ranking, chosen: string, words: RankingWords): FigureView {
  const { figures, prefix } = context
  const label = ranking.labelOf(chosen)
  const now = cellOf(ranking, chosen, ranking.now)
  const before = cellOf(ranking, chosen, ranking.before)
  const change = changeWords(now, before, ranking.beforeWords, figures.isExact)
  const [start = ''] = ranking.months
  const alt = altText(
    `Line of ${label} from ${cellText(cellOf(ranking, chosen, start))} in ${monthName(start)} to ${cellText(now)} in ${monthName(ranking.now)}, among thin lines of the others.`,
  )
  const draw = (width: number): string => drawTrendLines(ranking.points, { code: chosen, label }, width, alt)
  return {
    id: words.ids.trend,
    title: `${label}: ${peopleWords(now)}${change ? `, ${change}` : ''}`,
    subtitle: `${words.measure} at the end of each month. Number of people, ${placeLabel(context)}, ${monthName(start)} to ${monthName(ranking.now)}.`,
    wide: draw(widths.wide),
    narrow: draw(widths.narrow),
    isScrolling: false,
    notes: [
      'Thin lines are the others of the list; choose another above. A break in a line is a month not shown.',
      ...keyNotes(figures),
    ],
    table: {
      caption: `${label}: ${words.measure.toLowerCase()}, ${placeLabel(context)}`,
      columns: [
        { text: 'Month', numeric: false },
        { text: label, numeric: true },
      ],
      rows: [...ranking.months].reverse().map((month) => [monthName(month), cellText(cellOf(ranking, chosen, month))]),
    },
    file: cubeFile(words.cube, prefix),
    stamp: stampOf(figures),
  }
}
