import { ageOn, birthday, type Day } from './days.ts'
import type { Consent } from './person.ts'
import type { Random } from './random.ts'

export type ConsentStory = 'kept' | 'lapsed' | 'overtaken'

interface Situation {
  readonly born: Day
  readonly lookedAfter: boolean
  /** First decision; renewed about once a year from then on. */
  readonly first: Day
  readonly until: Day
  readonly story: ConsentStory
  /** Day the adult register took over, if it did. */
  readonly transferred: Day | null
  readonly scope: 'adult' | 'child'
}

/** Consent decisions in order: each has a basis that fits the age of its day (domain.md 2.5), and is renewed yearly. */
export function makeConsents(random: Random, situation: Situation): Consent[] {
  const { born, first, until, story } = situation
  const consents: Consent[] = []
  const birthdays = ([16, 18] as const).map((age) => ({ age, at: birthday(born, age) }))
  let day = first
  while (day <= until) {
    consents.push(decide(random, situation, day))
    const renewal = day + random.int(300, 355)
    const basis = consents.at(-1)?.basis
    const passed = birthdays.find(({ age, at }) => at > day && at <= renewal && isAskedAgainAt(basis, age))?.at
    if (story === 'overtaken' && passed !== undefined && passed <= until) {
      // Confirmed not long before, so that the birthday alone is what is wrong.
      consents.push(decide(random, situation, Math.max(day, passed - random.int(40, 200))))
      break
    }
    day = passed ?? renewal
  }
  return story === 'lapsed' ? forgetRenewal(random, situation, consents) : consents
}

/**
 * True when a birthday takes the ground from a basis: parental responsibility, the council's included, ends at 16, or at
 * 18 for someone who could not decide (domain.md 2.5). A decision of one's own outlasts it.
 */
export function basisEndsAt(basis: string, age: 16 | 18): boolean {
  return (age === 16 ? ['K04', 'K08'] : ['K04', 'K05', 'K08']).includes(basis)
}

/** Whoever keeps good records asks again at both birthdays, a child's own decision included. */
function isAskedAgainAt(basis: string | undefined, age: 16 | 18): boolean {
  return (age === 16 ? ['K03', 'K04', 'K08'] : ['K02', 'K03', 'K04', 'K05', 'K08']).includes(basis ?? '')
}

function decide(random: Random, { born, lookedAfter, transferred, scope, story }: Situation, day: Day): Consent {
  const age = ageOn(born, day)
  const [basis, givenBy] = chooseBasis(random, age, lookedAfter, story === 'overtaken')
  return {
    basis,
    givenBy,
    decided: day,
    withdrawn: null,
    scope: transferred !== null && day >= transferred ? 'adult' : scope,
  }
}

/** `byParent`: somebody with parental responsibility decides, so that a birthday can overtake it. */
function chooseBasis(random: Random, age: number, lookedAfter: boolean, byParent: boolean): readonly [string, string] {
  if (byParent && age < 18) return [age < 16 ? 'K04' : 'K05', 'mother']
  if (age < 16 && lookedAfter) return ['K08', 'council']
  if (age < 16)
    return random.weighted([
      [['K04', 'mother'], 55],
      [['K04', 'father'], 20],
      [['K03', 'child'], 15],
    ] as const)
  if (age < 18)
    return random.weighted([
      [['K02', 'young person'], 65],
      [['K05', 'mother'], 35],
    ] as const)
  return random.weighted([
    [['K01', 'person'], 60],
    [['K06', 'best-interests meeting'], 33],
    [['K07', 'deputy'], 7],
  ] as const)
}

/** The newest decision is more than a year old, and at no birthday since was a new one due. */
function forgetRenewal(random: Random, situation: Situation, consents: readonly Consent[]): Consent[] {
  const newest = situation.until - random.int(372, 480)
  return [...consents.filter(({ decided }) => decided < newest - 60), decide(random, situation, newest)]
}
