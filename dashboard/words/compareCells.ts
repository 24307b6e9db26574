import type { Cell } from '../../register/release.ts'
import { formatNumber } from './formatCells.ts'

export type Direction = 'up' | 'down' | 'same' | 'unknown'

/**
 * Which way a figure went. Published counts are changed by up to 2 and rounded to the nearest 5, so two of them can
 * differ by less than 10 with nothing behind it: that is "about the same". Exact counts are taken at their word.
 * A suppressed cell counts as the most it can stand for, so that a theme that grew from [c] to 60 is seen to have grown,
 * by no more than is sure; nothing is said of two suppressed cells.
 */
export function direction(now: Cell, before: Cell, isExact: boolean): Direction {
  const change = leastChange(now, before)
  if (change === null) return 'unknown'
  if (Math.abs(change) < (isExact ? 1 : 10)) return isSuppressed(now) || isSuppressed(before) ? 'unknown' : 'same'
  return change > 0 ? 'up' : 'down'
}

/** People by which a figure surely changed, from what is published alone; null where that cannot be said. */
export function leastChange(now: Cell, before: Cell): number | null {
  const [to, from] = [most(now), most(before)]
  return to === null || from === null || (isSuppressed(now) && isSuppressed(before)) ? null : to - from
}

/** "up from 190 a year before", "about the same as a year before"; empty when there is nothing to compare with. */
export function changeWords(now: Cell, before: Cell, when: string, isExact: boolean): string {
  switch (direction(now, before, isExact)) {
    case 'up':
      return `up from ${levelWords(before)} ${when}`
    case 'down':
      return `down from ${levelWords(before)} ${when}`
    case 'same':
      return `${isExact ? 'the' : 'about the'} same as ${when}`
    case 'unknown':
      return ''
  }
}

/** "190", or "fewer than 5" for a suppressed cell. */
export function levelWords(cell: Cell): string {
  return isSuppressed(cell) ? `fewer than ${suppressedMost + 1}` : formatNumber(cell.value ?? 0)
}

/** A suppressed cell stands for 0 to 4 people (design.md 8). */
const suppressedMost = 4

function isSuppressed(cell: Cell): boolean {
  return cell.state === 'suppressed'
}

function most(cell: Cell): number | null {
  return isSuppressed(cell) ? suppressedMost : cell.value
}
