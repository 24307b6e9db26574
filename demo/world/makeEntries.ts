import { birthday, type Day } from './days.ts'
import type { Entry, Path } from './person.ts'
import type { Random } from './random.ts'

interface Situation {
  readonly path: Path
  readonly born: Day
  readonly accepted: Day
  readonly referred: Day
  readonly transferred: Day | null
  readonly closed: Day | null
  readonly withdrawn: Day | null
  readonly until: Day
}

const referralReasons = [
  'Worried that things will end in hospital if nothing changes.',
  'Provider is close to giving notice, needs everyone round one table.',
  'Second crisis in a month, no plan that all know of.',
  'Out of school and family worn down.',
  'Leaving hospital soon, support at home not in place yet.',
  'Asked for help and does not know where to turn.',
] as const

/** The referral and what came of it; a child who turns 18 leaves one register and joins the other the same day. */
export function makeEntries(
  random: Random,
  { path, born, accepted, referred, transferred, closed, withdrawn, until }: Situation,
): Entry[] {
  if (path === 'statutory') return []
  const isChildThen = birthday(born, 18) > (path === 'pending' ? until : accepted)
  const base = {
    scope: isChildThen ? ('child' as const) : ('adult' as const),
    referred: path === 'pending' ? until - random.int(2, 45) : referred,
    referrer: random.weighted([
      ['health', 30],
      ['social_care', 32],
      ['family', 12],
      ['provider', 10],
      ['education', isChildThen ? 12 : 1],
      ['self', 4],
      ['police', 2],
    ] as const),
    reason: random.pick(referralReasons),
    indicative: random.weighted([
      ['red', 20],
      ['amber', 50],
      ['green', 30],
    ] as const),
    triaged: null,
    rejection: null,
    accepted: null,
    closed: null,
    closure: null,
  }
  if (path === 'pending') return [{ ...base, decision: 'pending' }]
  const triaged = Math.max(referred, accepted - random.int(0, 7))
  if (path === 'refused') return [{ ...base, triaged, decision: 'rejected', rejection: 'X02' }]
  if (path === 'unrecorded') return [{ ...base, triaged, decision: 'accepted', accepted }]
  if (path === 'rejected')
    return [{ ...base, triaged, decision: 'rejected', rejection: random.pick(['X01', 'X03', 'X04', 'X05', 'X07']) }]
  const first: Entry = { ...base, triaged, decision: 'accepted', accepted }
  if (path === 'withdrawn') return [random.chance(0.5) ? { ...first, closed: withdrawn, closure: 'C03' } : first]
  const closure =
    closed === null
      ? null
      : random.weighted([
          ['C01', 50],
          ['C02', 25],
          ['C04', 12],
          ['C06', 5],
          ['C07', 5],
          ['C10', 3],
        ] as const)
  if (transferred === null) return [{ ...first, closed, closure }]
  return [
    { ...first, closed: transferred, closure: 'C05' },
    {
      ...first,
      scope: 'adult',
      referred: transferred - 60,
      referrer: 'social_care',
      triaged: transferred - 21,
      accepted: transferred,
      closed,
      closure,
    },
  ]
}
