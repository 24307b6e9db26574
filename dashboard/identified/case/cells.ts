import { text } from '../words.ts'

export interface Line {
  readonly text: string
  readonly href?: string
}

/**
 * One cell of a table or one value of a list: its lines, or a rating, which is drawn as letter and word. Neither means
 * that nobody has recorded it, and the page says so.
 */
export interface Cell {
  readonly lines: readonly Line[]
  readonly rating?: string
}

export type Cells = readonly Cell[]

/** A table. What is long ago stands apart, folded away, so that what is new is seen at once. */
export interface Block {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly Cells[]
  readonly earlier: readonly Cells[]
  /** What the folded rows are called. */
  readonly earlierCaption: string
}

export interface Item {
  readonly key: string
  readonly value: Cell
}

/** A cell of the texts that are not empty. */
export function cell(...lines: readonly (string | Line)[]): Cell {
  return {
    lines: lines.map((line) => (typeof line === 'string' ? { text: line } : line)).filter((line) => line.text !== ''),
  }
}

export function ratingCell(rating: unknown): Cell {
  const code = text(rating)
  return code === '' ? cell('') : { lines: [], rating: code }
}

/** A telephone number as a link, where it can be dialled: what an agency wrote is never put into an address as it is. */
export function phoneLine(value: unknown): Line {
  const shown = text(value).trim()
  const digits = shown.replaceAll(/[^\d+]/g, '')
  return /^\+?\d{6,15}$/.test(digits) ? { text: shown, href: `tel:${digits}` } : { text: shown }
}

export function emailLine(value: unknown): Line {
  const shown = text(value).trim()
  return /^[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+$/.test(shown)
    ? { text: shown, href: `mailto:${shown}` }
    : { text: shown }
}

export function yesNo(value: unknown): string {
  return value === true ? 'Yes' : value === false ? 'No' : ''
}

/** `999 000 0018`: in threes and fours, as it is read out. */
export function nhsNumberText(value: unknown): string {
  return text(value).replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')
}
