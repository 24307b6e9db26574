import type { Cell } from '../../register/release.ts'
import { ink, quietInk, ratingColours, ratingShapes } from './colours.ts'
import { Plot } from './plot.ts'
import { renderPlot } from './renderPlot.ts'
import { markOf, monthAxis, monthOf, yAxis } from './marks.ts'

export interface RatingPoint extends Cell {
  readonly month: string
  readonly rating: string
}

/**
 * One strip for each rating, on one scale, over the months. A month that is not shown stands as its mark on the base line
 * and breaks the line; the last shown number is written at its end.
 * @param ratings codes in the order of the strips, with their labels.
 */
export function drawRatingLines(
  points: readonly RatingPoint[],
  ratings: readonly { readonly code: string; readonly label: string }[],
  width: number,
  alt: string,
): string {
  const shown = points.filter((point) => point.value !== null)
  const hidden = points.filter((point) => point.value === null)
  const last = ratings.flatMap(({ code }) => shown.filter((point) => point.rating === code).slice(-1))
  const first = ratings
    .flatMap(({ code }) => shown.filter((point) => point.rating === code).slice(0, 1))
    .filter((point) => !last.includes(point))
  const labels = ratings.map(({ code, label }) => ({ rating: code, text: `${label.slice(0, 1)}  ${label}` }))
  return renderPlot(
    {
      width,
      height: 44 + ratings.length * 100,
      marginLeft: 40,
      marginRight: 44,
      marginTop: 20,
      fy: { domain: ratings.map(({ code }) => code), axis: null, padding: 0.32 },
      x: { type: 'utc', label: null },
      y: { domain: [0, Math.max(10, ...shown.map((point) => point.value ?? 0))], label: null },
      marks: [
        yAxis(),
        monthAxis(points, width),
        Plot.ruleY([0], { stroke: quietInk }),
        Plot.line(points, {
          x: monthOf,
          y: (point: RatingPoint) => point.value ?? NaN,
          fy: 'rating',
          z: 'rating',
          stroke: (point: RatingPoint) => ratingColours[point.rating] ?? ink,
          strokeWidth: 2,
        }),
        Plot.dot(shown, {
          x: monthOf,
          y: 'value',
          fy: 'rating',
          r: 2.5,
          fill: (point: RatingPoint) => ratingColours[point.rating] ?? ink,
          symbol: (point: RatingPoint) => ratingShapes[point.rating as keyof typeof ratingShapes] ?? 'circle',
        }),
        Plot.text(hidden, { x: monthOf, y: 0, fy: 'rating', text: markOf, dy: -6, fill: quietInk, fontSize: 11 }),
        Plot.text(first, {
          x: monthOf,
          y: 'value',
          fy: 'rating',
          text: (point: RatingPoint) => String(point.value),
          dx: 2,
          dy: -10,
          textAnchor: 'start',
          fill: ink,
        }),
        Plot.text(last, {
          x: monthOf,
          y: 'value',
          fy: 'rating',
          text: (point: RatingPoint) => String(point.value),
          dx: 8,
          textAnchor: 'start',
          fontWeight: 'bold',
          fill: ink,
        }),
        Plot.text(labels, {
          fy: 'rating',
          text: 'text',
          frameAnchor: 'top-left',
          dy: -17,
          fontWeight: 'bold',
          fill: ink,
        }),
      ],
      symbol: { type: 'identity' },
      color: { type: 'identity' },
    },
    alt,
  )
}
