import { ink, quietInk, steps } from './colours.ts'
import { Plot } from './plot.ts'
import { fontSize, renderPlot } from './renderPlot.ts'

export interface GridCell {
  readonly row: string
  readonly column: string
  /** What is written in the cell. */
  readonly text: string
  /** 0 to 1, how dark the cell is; null for one that is not shown, which looks the same whatever lies behind it. */
  readonly weight: number | null
}

export interface GridOptions {
  readonly width: number
  readonly rowHeight: number
  /** Label of the row to bring out, or null. */
  readonly chosenRow: string | null
}

/**
 * A grid of cells with their text in them; darker is more. Labels of columns stand above; those of rows stand left, or
 * above their row where the grid is too narrow for that.
 */
export function drawGrid(
  cells: readonly GridCell[],
  rows: readonly string[],
  columns: readonly string[],
  { width, rowHeight, chosenRow }: GridOptions,
  alt: string,
): string {
  const isNarrow = width < 600
  const labelWidth = isNarrow ? 0 : 260
  const labelHeight = isNarrow ? 20 : 0
  const columnWidth = (width - labelWidth) / Math.max(1, columns.length)
  const columnEms = (columnWidth - 8) / fontSize
  // Plot breaks lines by its own measure of letters; this is a little more than it needs.
  const top = 14 + 17 * Math.max(1, ...columns.map((column) => linesOf(column, columnEms)))
  const step = rowHeight + labelHeight
  return renderPlot(
    {
      width,
      height: top + 6 + rows.length * step,
      marginLeft: labelWidth,
      marginRight: 0,
      marginTop: top,
      marginBottom: 6,
      x: { domain: columns, axis: null, padding: 0.04 },
      y: { domain: rows, axis: null, padding: 0 },
      marks: [
        Plot.cell(cells, {
          x: 'column',
          y: 'row',
          fill: ({ weight }: GridCell) => (weight === null ? '#ffffff' : stepOf(weight)),
          stroke: '#768692',
          strokeWidth: 1,
          insetTop: labelHeight + 2,
          insetBottom: 2,
        }),
        Plot.text(cells, {
          x: 'column',
          y: 'row',
          text: 'text',
          dy: labelHeight / 2,
          fill: ({ weight }: GridCell) => (weight === null ? quietInk : ink),
        }),
        ...[true, false].map((isChosen) =>
          Plot.text(
            rows.filter((row) => (row === chosenRow) === isChosen),
            {
              y: (row: string) => row,
              text: (row: string) => row,
              frameAnchor: 'left',
              dx: isNarrow ? 1 : -10,
              dy: isNarrow ? 8 - step / 2 : 0,
              textAnchor: isNarrow ? 'start' : 'end',
              lineWidth: isNarrow ? width / fontSize : labelWidth / fontSize - 1,
              fill: ink,
              fontWeight: isChosen ? 'bold' : 'normal',
            },
          ),
        ),
        Plot.text(columns, {
          x: (column: string) => column,
          text: (column: string) => column,
          frameAnchor: 'top',
          dy: -6,
          lineAnchor: 'bottom',
          lineWidth: columnEms,
          fill: ink,
          fontWeight: 'bold',
        }),
      ],
      color: { type: 'identity' },
    },
    alt,
  )
}

/** How many lines a label takes at most, word by word, at half an em and a bit a letter. */
function linesOf(label: string, ems: number): number {
  let lines = 1
  let length = 0
  for (const word of label.split(' ')) {
    if (length > 0 && (length + 1 + word.length) * 0.6 > ems) {
      lines += 1
      length = word.length
    } else length += (length > 0 ? 1 : 0) + word.length
  }
  return lines
}

function stepOf(weight: number): string {
  return steps[Math.min(steps.length - 1, Math.floor(weight * steps.length))] ?? steps[0]
}
