import type { Cell } from '../../register/release.ts'
import { formatNumber } from './formatCells.ts'

export type Direction = 'up' | 'down' | 'same' | 'unknown'

/**
 * Which way a figure went. Published counts are changed by up to 2 and rounded to the nearest 5, so two of them can
 * differ by less than 10 with nothing behind it: that is "about the same". Exact counts are taken at their word.
 */
export function direction(now: Cell, before: Cell, isExact: boolean): Direction {
  if (now.value === null || before.value === null) return 'unknown'
  const change = now.value - before.value
  if (Math.abs(change) < (isExact ? 1 : 10)) return 'same'
  return change > 0 ? 'up' : 'down'
}

/** "up from 190 a year before", "about the same as a year before"; empty when there is nothing to compare with. */
export function changeWords(now: Cell, before: Cell, when: string, isExact: boolean): string {
  switch (direction(now, before, isExact)) {
    case 'up':
      return `up from ${formatNumber(before.value ?? 0)} ${when}`
    case 'down':
      return `down from ${formatNumber(before.value ?? 0)} ${when}`
    case 'same':
      return `${isExact ? 'the' : 'about the'} same as ${when}`
    case 'unknown':
      return ''
  }
}
