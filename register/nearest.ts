/**
 * The candidate that takes the fewest single-character edits to reach from `word`, for helpful messages; null where none
 * is near: a wild guess misleads.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(fold(word), fold(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  if (best === undefined) return null
  const longer = Math.max(fold(word).length, fold(best.candidate).length)
  return best.distance * 2 <= longer ? best.candidate : null
}

/** The end of a sentence about an unknown word: the nearest known one, else all of them where they are few. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  if (near !== null) return `; the nearest known one is ${near}`
  return known.length === 0 || known.length > 40 ? '' : `; known are ${known.join(', ')}`
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
