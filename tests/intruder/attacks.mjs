// What a motivated intruder tries (ICO, anonymisation guidance): each attack is a function of what the intruder holds.
// Bounds are [least, most] people that a cell can stand for.

/** A shown cell of rule nhs-lda-keyed: changed by at most 2, then rounded to the nearest 5. A hidden one: 0 to 4, changed. */
export function boundsOf(value) {
  return value === '[c]' ? [0, 6] : [Math.max(0, Number(value) - 4), Number(value) + 4]
}

/**
 * Subtracts known parts from known totals, over and over, until no bound gets closer.
 * @param bounds Map of cell name to [least, most]
 * @param sums list of { total, parts }: names of cells that add up
 * @returns closer bounds; a sum that contradicts itself is left out, as the intruder's idea of what adds up was wrong
 */
export function closeBounds(bounds, sums) {
  const close = new Map([...bounds].map(([name, pair]) => [name, [...pair]]))
  const usable = sums.filter(({ total, parts }) => [total, ...parts].every((name) => close.has(name)))
  for (let changed = true; changed;) {
    changed = false
    for (const { total, parts } of usable) {
      const pairs = parts.map((name) => close.get(name))
      const least = pairs.reduce((sum, [low]) => sum + low, 0)
      const most = pairs.reduce((sum, [, high]) => sum + high, 0)
      const [low, high] = close.get(total)
      if (least > high || most < low) continue
      const narrow = (name, from, to) => {
        const [before, after] = close.get(name)
        const [now, then] = [Math.max(before, from), Math.min(after, to)]
        if (now > then || (now === before && then === after)) return
        close.set(name, [now, then])
        changed = true
      }
      narrow(total, least, most)
      parts.forEach((name, index) => narrow(name, low - (most - pairs[index][1]), high - (least - pairs[index][0])))
    }
  }
  return close
}

/** Cells that are proven to hold one to four people. */
export function singledOut(close) {
  return [...close].filter(([, [low, high]]) => low >= 1 && high <= 4).map(([name]) => name)
}

/** Steps of a cell from one month to the next that are proven to be of one to four people. */
export function provenChanges(close, steps) {
  return steps.filter(([before, after]) => {
    const [old, now] = [close.get(before), close.get(after)]
    if (!old || !now) return false
    const [least, most] = [now[0] - old[1], now[1] - old[0]]
    return (least >= 1 && most <= 4) || (least >= -4 && most <= -1)
  })
}

/** Parts that are proven to hold everyone of their total: who is known to be in the group is known to have the attribute. */
export function homogeneous(close, sums) {
  return sums.flatMap(({ total, parts }) => {
    const everyone = close.get(total)
    if (!everyone || everyone[0] < 1) return []
    return parts.filter((name) => (close.get(name)?.[0] ?? 0) >= everyone[1])
  })
}

/**
 * Joins newspaper stories to records by what both say.
 * @param stories list of { story, key, person }: person is the truth, null for somebody who is on no register
 * @param records list of { key, person, secret }
 * @returns how many stories fit one record, how many of these rightly, and for how many whatever fits shares one secret
 */
export function linkStories(stories, records) {
  const byKey = new Map()
  for (const record of records) byKey.set(record.key, [...(byKey.get(record.key) ?? []), record])
  const outcome = { stories: stories.length, one: 0, right: 0, told: 0, toldRight: 0 }
  for (const { key, person } of stories) {
    const fitting = byKey.get(key) ?? []
    const people = new Set(fitting.map((record) => record.person))
    const isRight = people.has(person)
    if (people.size === 1) {
      outcome.one++
      if (isRight) outcome.right++
    }
    if (people.size > 1 && new Set(fitting.map((record) => record.secret)).size === 1) {
      outcome.told++
      if (isRight) outcome.toldRight++
    }
  }
  return outcome
}

/** People who are alone with their values. */
export function alone(records) {
  const people = new Map()
  for (const { key, person } of records) people.set(key, (people.get(key) ?? new Set()).add(person))
  return [...people.values()].filter((of) => of.size === 1).length
}
