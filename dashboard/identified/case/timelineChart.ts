import { drawTimeline } from '../../charts/timeline.ts'
import { labelOf } from '../labels.ts'
import type { Row } from '../openVersions.ts'
import { count, dateText, text } from '../words.ts'

export interface TimelineChart {
  readonly wide: string
  readonly narrow: string
}

/** The chart of a case at two widths, with its words; null when nothing is dated. `rows` come newest first. */
export function timelineChart(rows: readonly Row[], asOf: string): TimelineChart | null {
  const alt = altOf(rows, asOf)
  const wide = drawTimeline(rows, asOf, 760, alt)
  const narrow = drawTimeline(rows, asOf, 330, alt)
  return wide === null || narrow === null ? null : { wide, narrow }
}

function altOf(rows: readonly Row[], asOf: string): string {
  const of = (event: string): readonly Row[] => rows.filter((row) => text(row['event']) === event)
  const [rating] = of('rating')
  const [review] = of('review')
  const parts = [
    rating
      ? `rated ${labelOf('ratings', rating['detail']).toLowerCase()} since ${dateText(rating['happened_on'])}`
      : 'not rated',
    `${count(of('review').length, 'review', 'reviews')}${review ? `, the last on ${dateText(review['happened_on'])}` : ''}`,
    count(of('cetr').length, 'C(E)TR', 'C(E)TRs'),
    count(of('admission').length, 'stay in hospital', 'stays in hospital'),
  ]
  return `To ${dateText(asOf)}: ${parts.join('; ')}.`
}
