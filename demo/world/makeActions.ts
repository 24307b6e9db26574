import type { Day } from './days.ts'
import type { Action, Issue } from './person.ts'
import type { Random } from './random.ts'

/** Where the demo plants a service that does not exist: crisis houses in one ICB, and only there. */
export const missingService = { service: 'S09', icb: 'QOQ', reason: 'U01' } as const

/** What is asked for when a theme comes up. */
const servicesOf: Readonly<Record<string, readonly string[]>> = {
  T01: ['S09', 'S09', 'S07', 'S08', 'S15', 'S11'],
  T02: ['S09', 'S09', 'S11', 'S08'],
  T03: ['S09', 'S09', 'S08', 'S11'],
  T04: ['S12', 'S01'],
  T05: ['S12', 'S01', 'S14'],
  T06: ['S12', 'S25'],
  T07: ['S12', 'S19'],
  T08: ['S22', 'S24', 'S12'],
  T09: ['S26', 'S21'],
  T10: ['S22', 'S21'],
  T11: ['S25', 'S22'],
  T12: ['S25', 'S23'],
  T13: ['S29', 'S19'],
  T14: ['S02', 'S21'],
  T15: ['S01', 'S07'],
  T16: ['S07', 'S20'],
  T17: ['S09', 'S09', 'S08'],
  T18: ['S32', 'S20'],
  T19: ['S10', 'S32'],
  T20: ['S16'],
  T21: ['S17'],
  T22: ['S18'],
  T23: ['S14', 'S25'],
  T24: ['S13'],
  T25: ['S15'],
  T26: ['S21', 'S11'],
  T27: ['S11', 'S20'],
  T28: ['S27', 'S31'],
  T29: ['S21', 'S30'],
  T30: ['S04'],
  T31: ['S20', 'S21'],
  T32: ['S20'],
  T99: ['S99'],
}
const childServices: Readonly<Record<string, string>> = {
  S07: 'S06',
  S22: 'S28',
  S24: 'S28',
  S02: 'S19',
  S15: 'S05',
  S09: 'S06',
  S08: 'S06',
  S23: 'S28',
  S27: 'S19',
}
const ownerOf: Readonly<Record<string, string>> = {
  S20: 'A02',
  S21: 'A02',
  S22: 'A02',
  S23: 'A02',
  S24: 'A02',
  S25: 'A14',
  S26: 'A02',
  S27: 'A13',
  S28: 'A03',
  S29: 'A04',
  S30: 'A01',
  S31: 'A01',
  S32: 'A11',
  S06: 'A06',
  S05: 'A06',
  S07: 'A05',
  S08: 'A05',
  S09: 'A01',
  S17: 'A14',
  S18: 'A09',
  S33: 'A12',
  S99: 'A14',
}
const reasonsWaiting = [
  ['U02', 60],
  ['U03', 25],
  ['U07', 15],
] as const
const reasonsRefused = [
  ['U05', 40],
  ['U04', 20],
  ['U06', 15],
  ['U08', 15],
  ['U15', 10],
] as const
const reasonsUnavailable = [
  ['U09', 40],
  ['U03', 25],
  ['U10', 20],
  ['U11', 15],
] as const

/**
 * The action plan: a need for some issues, with where it stands on the last day. At most three are unfinished at once,
 * which is what the widest form of an agency has room for.
 */
export function makeActions(
  random: Random,
  { issues, icb, isChild, until }: { issues: readonly Issue[]; icb: string; isChild: boolean; until: Day },
): Action[] {
  const actions: Action[] = []
  for (const { theme, begun } of issues) {
    const wanted = random.pick(servicesOf[theme] ?? ['S99'])
    const service = isChild ? (childServices[wanted] ?? wanted) : wanted
    const raised = Math.min(until, begun + random.int(0, 20))
    const action = progress(random, service, icb, raised, until)
    const unfinished = actions.filter(({ done }) => done === null).length
    if (actions.some((other) => other.service === service) || (action.done === null && unfinished >= 3)) continue
    actions.push(action)
  }
  return actions
}

function progress(random: Random, service: string, icb: string, raised: Day, until: Day): Action {
  const age = until - raised
  const base = {
    service,
    raised,
    ownerAgency: ownerOf[service] ?? 'A07',
    due: raised + random.int(30, 120),
    done: null,
  }
  if (service === missingService.service && icb === missingService.icb) {
    return { ...base, state: 'unavailable', unavailableReason: missingService.reason, ownerAgency: 'A01' }
  }
  const took = random.skewed(75, 0.7)
  if (took <= age && random.chance(0.8)) return { ...base, state: 'done', unavailableReason: null, done: raised + took }
  const state = random.weighted([
    ['requested', age < 40 ? 50 : 8],
    ['waiting', 38],
    ['in_place', age < 20 ? 2 : 30],
    ['refused', 8],
    ['unavailable', 11],
  ] as const)
  return { ...base, state, unavailableReason: reasonFor(random, state) }
}

function reasonFor(random: Random, state: Action['state']): string | null {
  if (state === 'waiting') return random.weighted(reasonsWaiting)
  if (state === 'refused') return random.weighted(reasonsRefused)
  return state === 'unavailable' ? random.weighted(reasonsUnavailable) : null
}
