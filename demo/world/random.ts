/** A small seeded source of chance (sfc32): the same seed gives the same people on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  /** True with probability `share`. */
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
  /** Picks by weight; weights need not add up to 1. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T
  /** `count` different members in the order of the list, or all of a shorter list. */
  sample<T>(list: readonly T[], count: number): T[]
  /** A whole number around `median` with a long upper tail; `spread` is the standard deviation of its logarithm. */
  skewed(median: number, spread: number): number
}

export function makeRandom(...seeds: readonly number[]): Random {
  const next = sfc32(seeds)
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const pick = <T>(list: readonly T[]): T => {
    const found = list[int(0, list.length - 1)]
    if (found === undefined) throw new RangeError('pick from an empty list')
    return found
  }
  return {
    next,
    int,
    pick,
    chance: (share) => next() < share,
    weighted(choices) {
      let left = next() * choices.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [choice, weight] of choices) {
        left -= weight
        if (left < 0) return choice
      }
      return pick(choices)[0]
    },
    sample(list, count) {
      let wanted = Math.min(count, list.length)
      return list.filter((_, index) => {
        const isTaken = next() < wanted / (list.length - index)
        if (isTaken) wanted--
        return isTaken
      })
    },
    skewed(median, spread) {
      // The sum of 12 uniforms is near enough to a normal.
      let normal = -6
      for (let i = 0; i < 12; i++) normal += next()
      return Math.max(1, Math.round(median * Math.exp(spread * normal)))
    },
  }
}

/** Chris Doty-Humphrey's small fast counter generator, public domain; 15 rounds mix the seeds. */
function sfc32(seeds: readonly number[]): () => number {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  const step = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (const seed of seeds) {
    a ^= seed | 0
    for (let i = 0; i < 15; i++) step()
  }
  return () => step() / 4294967296
}
