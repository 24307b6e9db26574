import type { Day } from './days.ts'
import { makeConsents } from './makeConsents.ts'
import type { World } from './makePeople.ts'
import type { Part } from './part.ts'
import type { Consent, Path } from './person.ts'
import type { Random } from './random.ts'

interface ConsentSituation {
  readonly part: Part
  readonly path: Path
  readonly born: Day
  readonly lookedAfter: boolean
  readonly accepted: Day
  readonly referred: Day
  readonly transferred: Day | null
  readonly until: Day
  readonly world: World
  /** Register that the first entry is in. */
  readonly scope: 'adult' | 'child'
}

/** Consent comes before acceptance; whoever is not on the register for lack of it has none, or has taken it back. */
export function chooseConsents(
  random: Random,
  { part, path, born, lookedAfter, accepted, referred, transferred, until, world, scope }: ConsentSituation,
): Consent[] {
  if (path === 'statutory' || path === 'unrecorded') return []
  const first = Math.min(
    world.until,
    path === 'pending' ? referred : accepted - random.int(0, Math.max(0, Math.min(12, accepted - referred))),
  )
  if (path === 'refused')
    return [{ basis: 'K92', givenBy: scope === 'adult' ? 'person' : 'mother', decided: first, withdrawn: null, scope }]
  const story = part === 'lapsed' ? 'lapsed' : part === 'overtaken_16' || part === 'overtaken_18' ? 'overtaken' : 'kept'
  const isBrief = path === 'rejected' || path === 'pending'
  const consents = makeConsents(random, {
    born,
    lookedAfter,
    first,
    until: isBrief ? first : until,
    story,
    transferred,
    scope,
  })
  const last = consents.at(-1)
  if (path !== 'withdrawn' || last === undefined) return consents
  return [
    ...consents.slice(0, -1),
    { ...last, withdrawn: Math.min(world.until, Math.max(last.decided + 7, world.until - random.int(3, 250))) },
  ]
}
