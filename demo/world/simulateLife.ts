import { intervalDays, type Rating } from '../dueDate.ts'
import { ageOn, type Day } from './days.ts'
import { makeStay } from './makeStay.ts'
import type { Cetr, Person, Stay } from './person.ts'
import type { Random } from './random.ts'

/** How far a person's reviews keep to their dates. */
export type Punctuality = 'good' | 'poor' | 'never' | 'quiet'

export interface LifePlan {
  readonly born: Day
  readonly accepted: Day
  /** Reviews and changes are on record from here on; a rating is known from acceptance. */
  readonly recordsFrom: Day
  /** Last day on which anything happens. */
  readonly until: Day
  readonly punctuality: Punctuality
  readonly mayBeAdmitted: boolean
  readonly mayClose: boolean
  /** True for the quiet life that a provider's short form can tell in full. */
  readonly oneRating: boolean
}

export interface Life {
  readonly ratings: Person['ratings']
  readonly reviews: readonly Day[]
  readonly otherReviews: Person['otherReviews']
  readonly stays: readonly Stay[]
  readonly cetrs: readonly Cetr[]
  /** Days on which things took a turn for the worse: new issues and needs begin here. */
  readonly crises: readonly Day[]
  readonly closed: Day | null
}

/** Blue is a place and not a rating that a review decides: a stay is lived through in one go. */
type NotBlue = Exclude<Rating, 'blue'>
type Changes = readonly (readonly [NotBlue, number])[]

/** Ratings of people who have just been accepted, and of those who have long been on the register. */
const atAcceptance: Changes = [
  ['red', 8],
  ['amber', 40],
  ['green', 52],
]
const settled: Changes = [
  ['red', 4],
  ['amber', 24],
  ['green', 72],
]
/** What a review decides, by the rating that it finds. */
const atReview: Readonly<Record<NotBlue, Changes>> = {
  red: [
    ['red', 60],
    ['amber', 37],
    ['green', 3],
  ],
  amber: [
    ['amber', 88],
    ['green', 9],
    ['red', 3],
  ],
  green: [
    ['green', 96],
    ['amber', 4],
  ],
}
/** Mean days between turns for the worse that do not wait for a review, and between admissions. */
const daysToCrisis: Readonly<Record<NotBlue, number>> = { red: 10_000, amber: 300, green: 620 }
const daysToAdmission: Readonly<Record<NotBlue, number>> = { red: 150, amber: 2400, green: 8000 }

/** One life on the register, event by event: each event follows from the one before, so that the records agree. */
export function simulateLife(random: Random, plan: LifePlan): Life {
  const ratings: { rating: Rating; from: Day }[] = []
  const reviews: Day[] = []
  const otherReviews: { day: Day; kind: 'mdt' | 'oversight_visit' }[] = []
  const stays: Stay[] = []
  const cetrs: Cetr[] = []
  const crises: Day[] = [plan.accepted]
  let closed: Day | null = null
  const isLongOnRegister = plan.accepted < plan.recordsFrom
  let rating: NotBlue = plan.oneRating ? 'green' : random.weighted(isLongOnRegister ? settled : atAcceptance)
  ratings.push({ rating, from: plan.accepted })
  const quietFrom = plan.punctuality === 'quiet' ? plan.until - random.int(60, 300) : Infinity
  const hasReviews = plan.punctuality !== 'never'
  const set = (next: NotBlue, from: Day): void => {
    if (next !== rating) ratings.push({ rating: next, from })
    rating = next
  }

  let now = plan.accepted
  if (isLongOnRegister) {
    // The last review before the records begin, so that they do not begin with everyone overdue.
    now = Math.max(plan.accepted, plan.recordsFrom - random.int(0, intervalDays[rating] - 1))
    if (hasReviews) reviews.push(now)
  }
  let due = now + intervalDays[rating]
  while (now <= plan.until && closed === null) {
    const current = rating
    const review = hasReviews ? Math.max(now + 1, due + lateness(random, plan.punctuality, current)) : Infinity
    const crisis = plan.oneRating ? Infinity : now + wait(random, daysToCrisis[current])
    const admission = plan.mayBeAdmitted ? now + wait(random, daysToAdmission[current]) : Infinity
    const next = Math.min(review, crisis, admission)
    if (next > plan.until || next >= quietFrom) break
    if (next === admission) {
      const stay = makeStay(random, {
        age: ageOn(plan.born, next),
        admitted: next,
        until: plan.until,
        accepted: plan.accepted,
      })
      stays.push(stay)
      crises.push(next)
      ratings.push({ rating: 'blue', from: next })
      cetrs.push(...makeCetrs(random, plan, stay))
      now = stayReviews(random, stay, plan, reviews, otherReviews)
      if (stay.discharged === null) break
      rating = random.chance(0.88) ? 'red' : 'amber'
      ratings.push({ rating, from: stay.discharged })
      due = stay.discharged + intervalDays[rating]
    } else if (next === review) {
      reviews.push(next)
      if (random.chance(0.12)) otherReviews.push({ day: next + random.int(1, 5), kind: 'mdt' })
      if (plan.mayClose && current === 'green' && next > plan.accepted + 200 && random.chance(0.03)) closed = next
      else if (!plan.oneRating) set(random.weighted(atReview[current]), next)
      now = next
      due = next + intervalDays[rating]
    } else {
      set(current === 'green' && random.chance(0.75) ? 'amber' : 'red', next)
      crises.push(next)
      now = next
      due = Math.min(due, next + intervalDays[rating])
      if (rating === 'red' && random.chance(0.5)) cetrs.push(makeCommunityCetr(random, next, plan.until))
    }
  }
  return {
    ratings,
    reviews,
    otherReviews: otherReviews.filter(({ day }) => day <= plan.until),
    stays,
    cetrs,
    crises,
    closed,
  }
}

/** Days until something that happens once in `mean` days. */
function wait(random: Random, mean: number): number {
  return 1 + Math.floor(-mean * Math.log(1 - random.next()))
}

/** Days after the due date on which the review is held; negative when ahead. */
function lateness(random: Random, punctuality: Punctuality, rating: Rating): number {
  if (punctuality === 'poor') return random.skewed(9, 0.9)
  const ahead = rating === 'green' ? random.int(-9, 0) : random.int(-2, 0)
  return random.weighted([
    [ahead, 80],
    [random.int(1, 5), 16],
    [random.int(6, 40), 4],
  ] as const)
}

/** Reviews and visits while in hospital; returns the day from which life goes on. */
function stayReviews(
  random: Random,
  stay: Stay,
  plan: LifePlan,
  reviews: Day[],
  others: { day: Day; kind: 'mdt' | 'oversight_visit' }[],
): Day {
  const end = stay.discharged ?? plan.until + 1
  let day = stay.admitted
  while (plan.punctuality !== 'never') {
    day += intervalDays.blue + lateness(random, plan.punctuality, 'blue')
    if (day >= end) break
    reviews.push(day)
    if (random.chance(0.4)) others.push({ day: Math.min(day + random.int(1, 9), end), kind: 'oversight_visit' })
  }
  return end
}

/** C(E)TRs of a stay: before it or, failing that, soon after admission; then at the intervals of domain.md 3.1. */
function makeCetrs(random: Random, plan: LifePlan, stay: Stay): Cetr[] {
  const cetrs: Cetr[] = []
  const isChild = ageOn(plan.born, stay.admitted) < 18
  const last = stay.discharged ?? plan.until
  const before = random.chance(0.55)
  if (before) {
    const day = Math.max(plan.accepted, stay.admitted - random.int(1, 12))
    const outcome = stay.mha === '01' ? 'ADMISSION_AGREED_INFORMAL' : 'ADMISSION_AGREED_DETAINED'
    cetrs.push({ kind: random.chance(0.7) ? 'community' : 'laep', due: day, held: day, outcome })
  } else {
    cetrs.push(planned(random, 'post_admission', stay.admitted + (isChild ? 14 : 28), last))
  }
  const months = isChild ? 91 : stay.security === '0' ? 183 : 365
  for (let due = stay.admitted + months; due <= last; due += months) cetrs.push(planned(random, 'inpatient', due, last))
  return cetrs.filter(({ held, due }) => (held ?? due) <= plan.until)
}

function planned(random: Random, kind: Cetr['kind'], due: Day, last: Day): Cetr {
  const held =
    due +
    random.weighted([
      [0, 60],
      [random.int(1, 10), 25],
      [random.int(11, 40), 10],
      [Infinity, 5],
    ] as const)
  if (held > last) return { kind, due, held: null, outcome: null }
  return {
    kind,
    due,
    held,
    outcome: random.weighted([
      ['4', 40],
      ['1', 15],
      ['3', 15],
      ['5', 12],
      ['6', 8],
      ['7', 6],
      ['2', 4],
    ] as const),
  }
}

function makeCommunityCetr(random: Random, crisis: Day, until: Day): Cetr {
  const due = crisis + random.int(2, 14)
  const kind = random.chance(0.75) ? 'community' : 'laep'
  if (due > until || random.chance(0.08)) return { kind, due: Math.min(due, until), held: null, outcome: null }
  return {
    kind,
    due,
    held: due,
    outcome: random.weighted([
      ['SUPPORT_IN_COMMUNITY', 88],
      ['ALTERNATIVE_PLACEMENT', 9],
      ['DECLINED', 3],
    ] as const),
  }
}
