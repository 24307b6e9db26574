import { stateMarks, type Cell } from '../../register/release.ts'

const number = new Intl.NumberFormat('en-GB')

export function formatNumber(value: number): string {
  return number.format(value)
}

/** 1,235 or [c], [x], [z]: what a table shows. */
export function cellText(cell: Cell): string {
  return cell.state === 'shown' && cell.value !== null
    ? number.format(cell.value)
    : stateMarks[cell.state === 'shown' ? 'not_available' : cell.state]
}

/** "235 people", "1 person"; a cell that is not shown is told in words. */
export function peopleWords(cell: Cell): string {
  if (cell.value !== null) return `${number.format(cell.value)} ${cell.value === 1 ? 'person' : 'people'}`
  return {
    shown: '',
    suppressed: 'too few people to show',
    not_available: 'a number not available',
    not_applicable: 'no number',
  }[cell.state]
}

/** Whole per cent of two cells as they are shown, so it tells no more than they do; null unless both are. */
export function share(part: Cell, whole: Cell): number | null {
  if (part.value === null || whole.value === null || whole.value === 0) return null
  // Both were rounded apart, so a part can come out larger than its whole.
  return Math.min(100, Math.round((100 * part.value) / whole.value))
}

/** "a, b and c". */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
