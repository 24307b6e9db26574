import { ageOn, type Day } from './days.ts'
import type { World } from './makePeople.ts'
import { makeStay } from './makeStay.ts'
import type { Part } from './part.ts'
import type { Path } from './person.ts'
import type { Random } from './random.ts'
import { simulateLife, type Life, type Punctuality } from './simulateLife.ts'

const noLife: Life = { ratings: [], reviews: [], otherReviews: [], stays: [], cetrs: [], crises: [], closed: null }

/** What happens to a person: a life on the register, one hospital stay, or nothing that is on record. */
export function chooseLife(
  random: Random,
  world: World,
  person: {
    readonly part: Part
    readonly path: Path
    readonly born: Day
    readonly accepted: Day
    readonly nhsNumber: string | null
  },
): Life {
  const { part, path, born, accepted, nhsNumber } = person
  if (path === 'statutory') return statutoryLife(random, born, world)
  return path === 'register' || path === 'withdrawn' ? liveOn(random, world, part, born, accepted, nhsNumber) : noLife
}

function liveOn(random: Random, world: World, part: Part, born: Day, accepted: Day, nhsNumber: string | null): Life {
  const punctuality: Punctuality =
    part === 'never_reviewed' ? 'never' : part === 'quiet' ? 'quiet' : random.chance(0.12) ? 'poor' : 'good'
  return simulateLife(random, {
    born,
    accepted,
    recordsFrom: world.from - 60,
    until: world.until,
    punctuality,
    // An admission record without an NHS number could not be told from another person's.
    mayBeAdmitted:
      nhsNumber !== null && !['withdrawn', 'withdrawn_elsewhere_yes', 'never_reviewed', 'provider_only'].includes(part),
    mayClose: part === 'ordinary',
    oneRating: part === 'provider_only',
  })
}

function statutoryLife(random: Random, born: Day, { from, until }: World): Life {
  const stay = makeStay(random, {
    age: ageOn(born, until),
    admitted: random.int(from, until - 5),
    until,
    accepted: null,
  })
  return { ...noLife, stays: [stay] }
}

/** Once consent is withdrawn nothing more is written down. */
export function endLifeAt(life: Life, day: Day): Life {
  const before = <T>(list: readonly T[], dayOf: (item: T) => Day): readonly T[] =>
    list.filter((item) => dayOf(item) <= day)
  return {
    ratings: before(life.ratings, ({ from }) => from),
    reviews: before(life.reviews, (review) => review),
    otherReviews: before(life.otherReviews, (review) => review.day),
    stays: life.stays,
    cetrs: before(life.cetrs, ({ due }) => due),
    crises: before(life.crises, (crisis) => crisis),
    closed: life.closed,
  }
}
