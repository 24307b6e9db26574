import type { Cell } from '../../register/release.ts'
import { background, highlight, ink, quietInk } from './colours.ts'
import { markOf, monthAxis, monthOf, yAxis } from './marks.ts'
import { Plot } from './plot.ts'
import { renderPlot } from './renderPlot.ts'

export interface TrendPoint extends Cell {
  readonly month: string
  readonly code: string
}

/**
 * Every series as a quiet line, one of them brought out with its name and last number. Months that are not shown break a
 * line; those of the chosen series stand as marks on the base line.
 */
export function drawTrendLines(
  points: readonly TrendPoint[],
  chosen: { readonly code: string; readonly label: string },
  width: number,
  alt: string,
): string {
  const own = points.filter((point) => point.code === chosen.code)
  const others = points.filter((point) => point.code !== chosen.code)
  const shown = own.filter((point) => point.value !== null)
  const last = shown.slice(-1)
  const line = { x: monthOf, y: (point: TrendPoint) => point.value ?? NaN, z: 'code' }
  return renderPlot(
    {
      width,
      height: 300,
      marginLeft: 40,
      marginRight: 44,
      marginTop: 30,
      x: { type: 'utc', label: null },
      y: { domain: [0, Math.max(10, ...points.map((point) => point.value ?? 0))], label: null },
      marks: [
        yAxis(),
        monthAxis(points, width),
        Plot.ruleY([0], { stroke: quietInk }),
        Plot.line(others, { ...line, stroke: background, strokeWidth: 1.25 }),
        Plot.line(own, { ...line, stroke: highlight, strokeWidth: 3 }),
        Plot.dot(shown, { x: monthOf, y: 'value', r: 3, fill: highlight }),
        Plot.text(
          own.filter((point) => point.value === null),
          { x: monthOf, y: 0, text: markOf, dy: -6, fill: quietInk, fontSize: 11 },
        ),
        Plot.text(last, {
          x: monthOf,
          y: 'value',
          text: (point: TrendPoint) => String(point.value),
          dx: 8,
          textAnchor: 'start',
          fontWeight: 'bold',
          fill: ink,
        }),
        Plot.text([chosen.label], {
          frameAnchor: 'top-left',
          dy: -24,
          text: (label: string) => label,
          fill: highlight,
          fontWeight: 'bold',
          lineWidth: (width - 90) / 13,
          textOverflow: 'ellipsis',
        }),
      ],
      color: { type: 'identity' },
    },
    alt,
  )
}
