import type { Cell } from '../../register/release.ts'
import { background, highlight, ink, quietInk } from './colours.ts'
import { Plot } from './plot.ts'
import { renderPlot } from './renderPlot.ts'

export interface Bar extends Cell {
  readonly code: string
  readonly label: string
  /** What is written at the bar's end: the number with its change, or the mark of a cell that is not shown. */
  readonly text: string
}

/**
 * Bars from most to least; what is not shown follows in the list's own order, so that its place says nothing.
 * @param chosen code of the bar to bring out, or null.
 */
export function drawRankedBars(bars: readonly Bar[], chosen: string | null, width: number, alt: string): string {
  const isNarrow = width < 400
  const labelWidth = isNarrow ? 0 : 340
  const rowHeight = isNarrow ? 40 : 26
  return renderPlot(
    {
      width,
      height: 16 + bars.length * rowHeight,
      marginLeft: labelWidth + 8,
      marginRight: isNarrow ? 96 : 130,
      marginTop: 8,
      marginBottom: 8,
      x: { axis: null, domain: [0, Math.max(10, ...bars.map((bar) => bar.value ?? 0))] },
      y: { domain: bars.map((bar) => bar.code), axis: null, padding: isNarrow ? 0.55 : 0.3, align: isNarrow ? 1 : 0.5 },
      marks: [
        Plot.barX(
          bars.filter((bar) => bar.value !== null),
          {
            x: 'value',
            y: 'code',
            fill: (bar: Bar) => (chosen === null || bar.code === chosen ? highlight : '#7c93a6'),
          },
        ),
        Plot.ruleX([0], { stroke: background }),
        Plot.text(bars, {
          x: (bar: Bar) => bar.value ?? 0,
          y: 'code',
          text: 'text',
          dx: 6,
          textAnchor: 'start',
          fill: (bar: Bar) => (bar.value === null ? quietInk : ink),
        }),
        ...[true, false].map((isChosen) =>
          Plot.text(
            bars.filter((bar) => (bar.code === chosen) === isChosen),
            {
              frameAnchor: 'left',
              y: 'code',
              text: 'label',
              dx: isNarrow ? 0 : -8,
              dy: isNarrow ? -17 : 0,
              textAnchor: isNarrow ? 'start' : 'end',
              textOverflow: 'ellipsis',
              lineWidth: isNarrow ? 25 : 26,
              fill: ink,
              fontWeight: isChosen ? 'bold' : 'normal',
            },
          ),
        ),
      ],
      color: { type: 'identity' },
    },
    alt,
  )
}
