import { stateMarks, type Cell } from '../../register/release.ts'
import { background } from './colours.ts'
import { Plot } from './plot.ts'

/** Time of a month's row, for the x axis. */
export function monthOf(point: { readonly month: string }): Date {
  return new Date(`${point.month}T00:00:00Z`)
}

/** The letter that stands in a chart for a cell that is not shown: the one inside its brackets elsewhere. */
export function markOf({ state }: Cell): string {
  return state === 'shown' ? '' : stateMarks[state].slice(1, -1)
}

/** Few quiet grid lines with their numbers. */
export function yAxis(): ReturnType<typeof Plot.marks> {
  return Plot.marks([
    Plot.gridY({ ticks: 3, stroke: background, strokeOpacity: 0.5 }),
    Plot.axisY({ ticks: 3, tickSize: 0, label: null }),
  ])
}

const shortMonth = new Intl.DateTimeFormat('en-GB', { month: 'short', year: '2-digit', timeZone: 'UTC' })

/** Months along the foot, the newest always among them, as many as the width takes. */
export function monthAxis(points: readonly { readonly month: string }[], width: number): ReturnType<typeof Plot.marks> {
  const months = [...new Set(points.map((point) => point.month))].sort()
  const step = Math.max(1, Math.ceil(months.length / (width < 400 ? 4 : 8)))
  const ticks = months.filter((_, at) => (months.length - 1 - at) % step === 0).map((month) => monthOf({ month }))
  return Plot.marks([
    Plot.axisX({ anchor: 'bottom', ticks, tickFormat: (tick: Date) => shortMonth.format(tick), label: null }),
  ])
}
