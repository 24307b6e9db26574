import { describe, expect, test } from 'vitest'
import { highlight, ink, quietInk, ratingColours, ratingShapes, steps } from '../../dashboard/charts/colours.ts'
import { drawGrid } from '../../dashboard/charts/drawGrid.ts'
import { drawRankedBars, type Bar } from '../../dashboard/charts/drawRankedBars.ts'
import { drawRatingLines, type RatingPoint } from '../../dashboard/charts/drawRatingLines.ts'
import { drawTrendLines } from '../../dashboard/charts/drawTrendLines.ts'

const ratings = [
  { code: 'red', label: 'Red' },
  { code: 'amber', label: 'Amber' },
]
const points: readonly RatingPoint[] = [
  { month: '2026-08-01', rating: 'red', value: 10, state: 'shown' },
  { month: '2026-09-01', rating: 'red', value: null, state: 'suppressed' },
  { month: '2026-10-01', rating: 'red', value: 15, state: 'shown' },
  { month: '2026-08-01', rating: 'amber', value: 20, state: 'shown' },
  { month: '2026-09-01', rating: 'amber', value: null, state: 'not_available' },
  { month: '2026-10-01', rating: 'amber', value: 25, state: 'shown' },
]
const bars: readonly Bar[] = [
  { code: 'a', label: 'Supported <living> & "more"', value: 20, state: 'shown', text: '20 (was 10)' },
  { code: 'b', label: 'Shared lives', value: null, state: 'suppressed', text: '[c]' },
]

const drawn: Readonly<Record<string, () => string>> = {
  'lines by rating': () => drawRatingLines(points, ratings, 900, 'What it shows'),
  'ranked bars': () => drawRankedBars(bars, 'a', 900, 'What it shows'),
  'narrow bars': () => drawRankedBars(bars, 'a', 330, 'What it shows'),
  'lines with one brought out': () =>
    drawTrendLines(
      points.map((point) => ({ ...point, code: point.rating })),
      { code: 'red', label: 'Red' },
      900,
      'What it shows',
    ),
  grid: () =>
    drawGrid(
      [
        { row: 'North', column: 'Red', text: '15', weight: 0.9 },
        { row: 'North', column: 'Amber', text: '[c]', weight: null },
      ],
      ['North'],
      ['Red', 'Amber'],
      { width: 900, rowHeight: 40, chosenRow: null },
      'What it shows',
    ),
}

describe.each(Object.keys(drawn))('%s', (name) => {
  const svg = drawn[name]?.() ?? ''

  test('is one image with words and nothing inline', () => {
    expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="What it shows"/)
    expect(svg).not.toMatch(/<style|\sstyle=|\sid=|<script|\son\w+=|url\(/)
    expect(svg.match(/aria-label/g)).toHaveLength(1)
  })

  test('is the same each time', () => {
    expect(drawn[name]?.()).toBe(svg)
  })
})

test('a line breaks at a month that is not shown, which is marked in its place', () => {
  const svg = drawRatingLines(points, ratings, 900, '')
  const lines = [...svg.matchAll(/<path stroke="(#\w+)" d="([^"]+)"/g)].map(([, colour, path]) => [colour, path])
  // Two separate stretches of one point each: no segment joins August to October.
  expect(lines.map(([colour]) => colour)).toEqual([ratingColours['red'], ratingColours['amber']])
  for (const [, path] of lines) expect(path).not.toContain('L')
  expect(svg).toMatch(/>c<\/text>/)
  expect(svg).toMatch(/>x<\/text>/)
})

test('lines lie on whole pixels as a browser would put them', () => {
  // Plot decides this once, from a window that it has only while it loads.
  expect(drawRatingLines(points, ratings, 900, '')).toContain('translate(0.5,0.5)')
  expect(globalThis).not.toHaveProperty('window')
})

test('each rating has a shape and a letter of its own beside its colour', () => {
  const { all: _all, ...own } = ratingShapes
  expect(new Set(Object.values(own)).size).toBe(4)
  expect(drawRatingLines(points, ratings, 900, '')).toMatch(/>R {2}Red<.*>A {2}Amber</)
})

test('labels are text, whatever they hold', () => {
  const svg = drawRankedBars(bars, null, 900, 'a "quoted" <alt>')
  expect(svg).toContain('Supported &lt;living&gt; &amp; "more"')
  expect(svg).toMatch(/aria-label="a &quot;quoted&quot; (<|&lt;)alt/)
  expect(svg).not.toContain('<living>')
})

test('what is not shown has no bar', () => {
  expect(drawRankedBars(bars, null, 900, '').match(/<rect/g)).toHaveLength(1)
})

describe('colours', () => {
  test.each([
    ...Object.entries(ratingColours),
    ['highlight', highlight],
    ['other bars', '#7c93a6'],
    ['edge of a cell', '#768692'],
  ])('%s stands out from white by 3 to 1', (_name, colour) =>
    expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(3),
  )
  test.each(steps)('dark text can be read on %s', (fill) => expect(contrast(ink, fill)).toBeGreaterThanOrEqual(4.5))
  test('quiet text can be read on white', () => expect(contrast(quietInk, '#ffffff')).toBeGreaterThanOrEqual(4.5))
})

/** WCAG 2.2 contrast ratio of two colours like #aabbcc. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
