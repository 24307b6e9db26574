import { ageOn, type Day } from './days.ts'
import { isOpen, type Entry, type FeedName, type Path } from './person.ts'
import type { Random } from './random.ts'
import type { Part } from './part.ts'

interface Situation {
  readonly part: Part
  readonly path: Path
  readonly born: Day
  readonly until: Day
  readonly entries: readonly Entry[]
  readonly hasStays: boolean
  readonly hasNumber: boolean
  /** Lowers the share of people whom the trust knows, for a large demo. */
  readonly share: number
}

/** Which agencies know the person. Whoever changed registers at 18 is known to both, each for its own years. */
export function chooseFeeds(
  random: Random,
  situation: Situation,
): { feeds: readonly FeedName[]; planted: readonly string[] } {
  const { part, path, born, until, entries, hasStays, hasNumber } = situation
  if (path === 'statutory') return { feeds: ['inpatient_commissioning'], planted: [] }
  if (part === 'provider_only') return { feeds: ['provider'], planted: [] }
  const scopes = new Set(entries.map(({ scope }) => scope))
  const main: FeedName[] = scopes.has('child') ? ['childrens_services'] : []
  if (scopes.has('adult')) main.push('councils')
  if (!hasNumber) return { feeds: main.slice(0, 1), planted: [] }
  const isThree = part === 'three_agencies'
  const trust = isThree || random.chance((hasStays ? 0.9 : 0.38) * situation.share)
  const mayHaveProvider = ageOn(born, until) >= 18 && scopes.has('adult') && scopes.size === 1 && entries.some(isOpen)
  const provider = isThree || part === 'withdrawn_elsewhere_yes' || (mayHaveProvider && random.chance(0.14))
  // Some are known to the trust alone.
  const feeds: FeedName[] =
    trust && !isThree && !provider && scopes.size === 1 && random.chance(0.12)
      ? ['trust']
      : [...main, ...(trust ? ['trust' as const] : [])]
  if (provider) feeds.push('provider')
  if (hasStays) feeds.push('inpatient_commissioning')
  const stale = provider && part === 'ordinary' && random.chance(0.2)
  const moved = feeds.includes('councils') && feeds.includes('trust') && part === 'ordinary' && random.chance(0.06)
  // The provider has name, birth date and postcode: the same as in the others' records.
  const nameless = provider && part === 'ordinary' && !moved && random.chance(0.15)
  return {
    feeds,
    planted: [...(nameless ? ['number_missing'] : []), ...(stale ? ['stale_rating'] : []), ...(moved ? ['moved'] : [])],
  }
}
