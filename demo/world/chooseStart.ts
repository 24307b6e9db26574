import { birthday, type Day } from './days.ts'
import type { World } from './makePeople.ts'
import type { Part } from './part.ts'
import type { Random } from './random.ts'

/** A birth date that suits the part. */
export function chooseBirth(random: Random, part: Part, until: Day): Day {
  if (part === 'overtaken_16') return birthday(until, -16) - random.int(5, 60)
  if (part === 'overtaken_18') return birthday(until, -18) - random.int(5, 60)
  // Known to one agency only, so never one of those who change registers at 18.
  if (part === 'no_number') return birthday(until, -random.pick([8, 11, 14, 34, 41, 55])) - random.int(1, 360)
  const isAdult = ['three_agencies', 'withdrawn_elsewhere_yes', 'provider_only', 'lapsed'].includes(part)
  const age = isAdult
    ? random.int(21, 62)
    : random.weighted([
        [random.int(6, 15), 27],
        [random.int(16, 17), 10],
        [random.int(18, 25), 26],
        [random.int(26, 64), 33],
        [random.int(65, 82), 4],
      ] as const)
  return birthday(until, -age) - random.int(1, 360)
}

/** Three in four were on the register before the figures begin: the number of people is then much the same over the years. */
export function chooseAcceptance(random: Random, { from, until }: World, part: Part, born: Day): Day {
  const earliest = birthday(born, 5)
  const long = from - random.skewed(300, 0.8)
  const recent = random.int(from, until - 12)
  const before18 = birthday(born, 18) - random.int(200, 500)
  switch (part) {
    case 'pending':
      return until + random.int(5, 40)
    case 'rejected':
    case 'refused':
    case 'unrecorded':
    case 'statutory':
      return Math.max(earliest, recent)
    case 'never_reviewed':
      return Math.max(earliest, until - random.int(3, 160))
    case 'overtaken_16':
      return Math.max(earliest, birthday(born, 16) - random.int(200, 500))
    case 'overtaken_18':
      return before18
    case 'lapsed':
    case 'withdrawn':
    case 'withdrawn_elsewhere_yes':
      return until - random.int(560, 900)
    default:
      return Math.max(earliest, random.chance(0.75) ? long : recent)
  }
}
