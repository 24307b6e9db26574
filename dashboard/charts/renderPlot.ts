import { createDocument } from '@mixmark-io/domino'
import type { PlotOptions } from '@observablehq/plot'
import { Plot } from './plot.ts'

/** Class of the SVG: the three rules that Plot would write inline for it stand in assets/dsr.css. */
const className = 'dsr-plot'

/** Text size in pixels at the size a chart is drawn; one em of Plot's line widths. */
export const fontSize = 13

/**
 * Draws a plot to the text of one SVG element: an image with `alt` for whoever cannot see it, without a style element, a
 * style attribute or an id, so that it stands under our content security policy and two of them on one page do not clash.
 * The same options give the same text.
 */
export function renderPlot(options: PlotOptions, alt: string): string {
  const document = createDocument('<!doctype html>')
  const svg = Plot.plot({ ...options, document: withAppend(document), className })
  for (const style of Array.from(svg.querySelectorAll('style'))) style.remove()
  // An aria-label on a group without a role is a fault (axe: aria-prohibited-attr), and the image has its own words.
  for (const group of Array.from(svg.querySelectorAll('[aria-label]'))) group.removeAttribute('aria-label')
  for (const styled of Array.from(svg.querySelectorAll('[style]'))) styled.removeAttribute('style')
  if (svg.querySelector('[id]')) throw new Error('a chart holds an id')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', alt)
  svg.setAttribute('font-size', String(fontSize))
  svg.setAttribute('font-family', 'Arial, sans-serif')
  return svg.outerHTML
}

/** Plot calls `append`, which this document's elements lack. */
function withAppend(document: Document): Document {
  const element = Object.getPrototypeOf(document.createElementNS('http://www.w3.org/2000/svg', 'g')) as Element
  let holder: object | null = element
  while (holder && !Object.hasOwn(holder, 'appendChild')) holder = Object.getPrototypeOf(holder) as object | null
  if (holder && !('append' in element)) {
    Object.defineProperty(holder, 'append', {
      value(this: Element, ...nodes: (Node | string)[]) {
        for (const node of nodes) this.appendChild(typeof node === 'string' ? document.createTextNode(node) : node)
      },
    })
  }
  return document
}
