import { background, ink, quietInk, ratingColours } from './colours.ts'
import { Plot } from './plot.ts'
import { renderPlot } from './renderPlot.ts'

/** A row of mart_timeline: event, its days (yyyy-mm-dd) and a code that says more. */
export interface TimelineRow {
  readonly happened_on?: unknown
  readonly ended_on?: unknown
  readonly event?: unknown
  readonly detail?: unknown
}

const lanes = ['Rating', 'Reviews', 'C(E)TRs', 'In hospital'] as const

interface Stretch {
  readonly lane: (typeof lanes)[number]
  readonly from: Date
  readonly to: Date
  readonly code: string
}

interface Point {
  readonly lane: (typeof lanes)[number]
  readonly at: Date
  readonly code: string
}

/** A stretch shorter than this share of a wide chart has no room for its letter. */
const roomForLetter = 0.035

/** Years that are drawn; the table beside the chart holds everything. */
const years = 3

/**
 * What happened to one person, on four lanes up to `asOf`: ratings as stretches with their letter, reviews and C(E)TRs as
 * marks, stays in hospital as stretches. Null when nothing of it is dated.
 * @param alt words for whoever cannot see it
 */
export function drawTimeline(rows: readonly TimelineRow[], asOf: string, width: number, alt: string): string | null {
  const end = day(asOf)
  const start = new Date(end)
  start.setUTCFullYear(start.getUTCFullYear() - years)
  const within = (stretch: Stretch): boolean => stretch.to > start && stretch.from < end
  const stretches = [...ratingStretches(rows, end), ...stays(rows, end)].filter(within).map((stretch) => ({
    ...stretch,
    from: stretch.from < start ? start : stretch.from,
    to: stretch.to > end ? end : stretch.to,
  }))
  const points = [...pointsOf(rows, 'review', 'Reviews'), ...pointsOf(rows, 'cetr', 'C(E)TRs')].filter(
    ({ at }) => at >= start && at <= end,
  )
  if (stretches.length + points.length === 0) return null
  const earliest = Math.min(...stretches.map(({ from }) => Number(from)), ...points.map(({ at }) => Number(at)))
  const room = (Number(end) - earliest) * roomForLetter * (760 / width)
  return renderPlot(
    {
      width,
      height: 52 + lanes.length * 38,
      marginLeft: 84,
      marginRight: 12,
      marginTop: 8,
      marginBottom: 44,
      x: { type: 'utc', domain: [new Date(earliest), end], label: null },
      y: { type: 'band', domain: [...lanes], label: null, padding: 0.3 },
      color: { type: 'identity' },
      symbol: { type: 'identity' },
      marks: [
        Plot.gridX({ ticks: width < 400 ? 4 : 8, stroke: background, strokeOpacity: 0.5 }),
        Plot.axisX({ ticks: width < 400 ? 4 : 8 }),
        Plot.axisY({ tickSize: 0, fill: ink }),
        Plot.barX(stretches, {
          x1: 'from',
          x2: 'to',
          y: 'lane',
          fill: ({ lane, code }: Stretch) => (lane === 'Rating' ? (ratingColours[code] ?? ink) : quietInk),
          stroke: 'white',
        }),
        Plot.text(
          stretches.filter(({ lane, from, to }) => lane === 'Rating' && Number(to) - Number(from) > room),
          {
            x: ({ from, to }: Stretch) => new Date((Number(from) + Number(to)) / 2),
            y: 'lane',
            text: ({ code }: Stretch) => code.slice(0, 1).toUpperCase(),
            fill: 'white',
            fontWeight: 'bold',
          },
        ),
        Plot.dot(points, {
          x: 'at',
          y: 'lane',
          r: 4,
          // Only a DSR review moves the next date, so only it is filled.
          fill: ({ lane, code }: Point) => (lane === 'C(E)TRs' || code === 'dsr' ? ink : 'white'),
          stroke: ink,
          symbol: ({ lane }: Point) => (lane === 'C(E)TRs' ? 'diamond' : 'circle'),
        }),
      ],
    },
    alt,
  )
}

/** A rating holds until its own end, else until the next one, else until now. */
function ratingStretches(rows: readonly TimelineRow[], end: Date): readonly Stretch[] {
  const ratings = rows.filter((row) => row.event === 'rating' && isDay(row.happened_on)).sort(byDay)
  return ratings.map((row, index) => {
    const following = ratings[index + 1]
    const until = isDay(row.ended_on) ? day(row.ended_on) : following ? day(following.happened_on) : end
    return { lane: 'Rating', from: day(row.happened_on), to: until, code: codeOf(row) }
  })
}

function stays(rows: readonly TimelineRow[], end: Date): readonly Stretch[] {
  return rows
    .filter((row) => row.event === 'admission' && isDay(row.happened_on))
    .map((row) => ({
      lane: 'In hospital',
      from: day(row.happened_on),
      to: isDay(row.ended_on) ? day(row.ended_on) : end,
      code: '',
    }))
}

function pointsOf(rows: readonly TimelineRow[], event: string, lane: Point['lane']): readonly Point[] {
  return rows
    .filter((row) => row.event === event && isDay(row.happened_on))
    .map((row) => ({ lane, at: day(row.happened_on), code: codeOf(row) }))
}

function codeOf({ detail }: TimelineRow): string {
  return typeof detail === 'string' ? detail : ''
}

function byDay(a: TimelineRow, b: TimelineRow): number {
  return Number(day(a.happened_on)) - Number(day(b.happened_on))
}

function isDay(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)
}

function day(value: unknown): Date {
  return new Date(`${String(value).slice(0, 10)}T00:00:00Z`)
}
