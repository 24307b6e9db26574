import { drawGrid, type GridCell } from '../../charts/drawGrid.ts'
import { altText, cubeFile, keyNotes, stampOf, widths, type FigureView } from '../../figureView.ts'
import type { Figures } from '../../figures.ts'
import { missingCell } from '../../series.ts'
import { cellText, listWords, peopleWords } from '../../words/formatCells.ts'
import { monthName } from '../../words/formatDates.ts'
import { placeCode, placeLabel, placeWords, type PageContext } from '../pageContext.ts'
import { latestFigure, mostNotable, rankingOf, trendFigure, type Ranking, type RankingWords } from '../ranking.ts'

export interface GapsView {
  readonly heading: string
  readonly lead: string
  readonly figures: readonly FigureView[]
}

/** Which services are missing, how one of them moves, and why they are missing. */
export function gapsView(context: PageContext): GapsView {
  const ranking = gapsRanking(context.figures, placeCode(context))
  const chosen =
    context.values['service'] === 'most' ? mostNotable(ranking) : (context.values['service'] ?? mostNotable(ranking))
  const words: RankingWords = {
    cube: 'gaps_by_service_month',
    ids: { latest: 'gaps-now', trend: 'gap-over-time' },
    measure: 'People with a gap in a service',
    listName: 'Service',
    note: 'A gap is a need that has stayed unmet for longer than the set number of days. One person can wait for several services.',
    titleOf: (top) => `Most often missing ${placeWords(context)}: ${top}`,
    nothing: `Every service ${placeWords(context)} is missing for too few people to show`,
    nobody: `No service is missing ${placeWords(context)}`,
  }
  return {
    heading: `Gaps: ${placeLabel(context)}`,
    lead: 'Services that people on the register need and have not got.',
    figures: [
      latestFigure(context, ranking, chosen, words),
      trendFigure(context, ranking, chosen, words),
      reasonsFigure(context, ranking.now),
    ],
  }
}

export function gapsRanking(figures: Figures, place: string): Ranking {
  const points = figures
    .rows('gaps_by_service_month', place)
    .map(({ month, service_code: code, value, state }) => ({ month, code, value, state }))
  return rankingOf(points, figures.codes('services'), (code) => figures.label('services', code), figures.isExact)
}

/** Reasons against families of services at the latest month's end. */
function reasonsFigure(context: PageContext, month: string): FigureView {
  const { figures, prefix } = context
  const rows = figures.rows('gaps_by_family_reason', placeCode(context))
  const families = figures.codes('service_families')
  const reasons = figures.codes('unavailable_reasons')
  const cellAtReason = (family: string, reason: string) =>
    rows.find((row) => row.service_family === family && row.unavailable_reason === reason) ?? missingCell
  const most = Math.max(1, ...rows.map((row) => row.value ?? 0))
  const familyLabel = (code: string): string => figures.label('service_families', code)
  const reasonLabel = (code: string): string => figures.label('unavailable_reasons', code)
  const cells: GridCell[] = reasons.flatMap((reason) =>
    families.map((family) => {
      const cell = cellAtReason(family, reason)
      return {
        row: reasonLabel(reason),
        column: familyLabel(family),
        text: cellText(cell),
        weight: cell.value === null ? null : (cell.value / most) * 0.999,
      }
    }),
  )
  const top = [...rows].filter((row) => (row.value ?? 0) > 0).sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
  const [first] = top
  const alt = altText(
    first === undefined
      ? `Grid of reasons and families of services; every number is ${figures.isExact ? 'nought' : 'too small to show'}.`
      : `Grid of reasons and families of services. Most: ${listWords(top.slice(0, 3).map((row) => `${reasonLabel(row.unavailable_reason)}, ${familyLabel(row.service_family)} ${cellText(row)}`))}.`,
  )
  const draw = (width: number, rowHeight: number): string =>
    drawGrid(cells, reasons.map(reasonLabel), families.map(familyLabel), { width, rowHeight, chosenRow: null }, alt)
  return {
    id: 'gaps-by-reason',
    title:
      first === undefined
        ? `Why services are missing: ${figures.isExact ? 'no reason is recorded' : 'too few people for any reason to show'}`
        : `Most often the reason: ${reasonLabel(first.unavailable_reason)}, in ${familyLabel(first.service_family)} (${peopleWords(first)})`,
    subtitle: `People with a gap by reason and family of services. Number of people, ${placeLabel(context)}, end of ${monthName(month)}.`,
    wide: draw(widths.wide, 36),
    narrow: draw(540, 28),
    isScrolling: true,
    notes: ['Darker means more people.', ...keyNotes(figures)],
    table: {
      caption: `People with a gap by reason and family of services, ${placeLabel(context)}`,
      columns: [
        { text: 'Reason', numeric: false },
        ...families.map((code) => ({ text: familyLabel(code), numeric: true })),
      ],
      rows: reasons.map((reason) => [
        reasonLabel(reason),
        ...families.map((family) => cellText(cellAtReason(family, reason))),
      ]),
    },
    file: cubeFile('gaps_by_family_reason', prefix),
    stamp: stampOf(figures),
  }
}
