import type { Rating } from '../dueDate.ts'
import type { Day } from './days.ts'

/** What becomes of a referral; `statutory` people are known to the inpatient commissioning feed alone. */
export type Path = 'register' | 'pending' | 'rejected' | 'withdrawn' | 'refused' | 'unrecorded' | 'statutory'

export const feedNames = ['councils', 'trust', 'childrens_services', 'provider', 'inpatient_commissioning'] as const
export type FeedName = (typeof feedNames)[number]

export interface Entry {
  readonly scope: 'adult' | 'child'
  readonly referred: Day
  readonly referrer: string
  readonly reason: string
  readonly indicative: Rating
  readonly triaged: Day | null
  readonly decision: 'accepted' | 'rejected' | 'pending'
  readonly rejection: string | null
  readonly accepted: Day | null
  readonly closed: Day | null
  readonly closure: string | null
}

export interface Consent {
  readonly basis: string
  readonly givenBy: string
  readonly decided: Day
  readonly withdrawn: Day | null
  /** Register the decision was made for: the agency that runs it is the one that records it. */
  readonly scope: 'adult' | 'child'
}

export interface Issue {
  readonly theme: string
  readonly begun: Day
  readonly ended: Day | null
  readonly note: string
  /** Days of the reviews at which it was spoken of, the first included. */
  readonly mentioned: readonly Day[]
}

export interface Strategy {
  readonly code: string
  readonly day: Day
  readonly outcome: 'helped' | 'partly' | 'no' | 'unknown'
}

export interface Action {
  readonly service: string
  readonly raised: Day
  readonly state: 'requested' | 'waiting' | 'in_place' | 'refused' | 'unavailable' | 'done'
  readonly unavailableReason: string | null
  readonly ownerAgency: string
  readonly due: Day
  readonly done: Day | null
}

export interface Cetr {
  readonly kind: 'community' | 'laep' | 'post_admission' | 'inpatient'
  readonly due: Day
  readonly held: Day | null
  readonly outcome: string | null
}

export interface Stay {
  readonly admitted: Day
  readonly discharged: Day | null
  readonly provider: string
  readonly security: string
  readonly bed: string
  readonly mha: string
  readonly planned: '1' | '2'
  readonly source: string
  readonly reasons: readonly string[]
  readonly kilometres: number
  readonly plannedDischarge: Day | null
  readonly delays: readonly string[]
  readonly destination: string | null
  readonly onRegisterBefore: boolean
}

export interface Professional {
  readonly name: string
  readonly role: string
  readonly phone: string
  readonly email: string
  readonly lastContact: Day | null
}

/** One invented person with all that happened to them; agencies report parts of it. */
export interface Person {
  readonly index: number
  readonly path: Path
  readonly nhsNumber: string | null
  readonly familyName: string
  readonly givenName: string
  readonly preferredName: string | null
  readonly born: Day
  readonly sex: '1' | '2' | '9' | 'X'
  readonly ethnic: string
  readonly street: string
  readonly town: string
  readonly postcode: string
  readonly lsoa: string
  readonly icb: string
  readonly council: string
  readonly phone: string
  readonly addressSensitive: boolean
  readonly learningDisability: string
  readonly autism: string
  readonly communication: string
  readonly adjustments: string
  readonly interpreter: boolean
  /** Has set the national data opt-out; councils and children's services record it, the others do not. */
  readonly optedOut: boolean
  readonly accommodation: string
  readonly education: string | null
  readonly ehcp: boolean
  readonly lookedAfter: boolean
  readonly died: Day | null
  readonly entries: readonly Entry[]
  readonly consents: readonly Consent[]
  readonly ratings: readonly { readonly rating: Rating; readonly from: Day }[]
  readonly reviews: readonly Day[]
  /** Reviews of other kinds, which do not move the next date. */
  readonly otherReviews: readonly { readonly day: Day; readonly kind: 'mdt' | 'oversight_visit' }[]
  readonly issues: readonly Issue[]
  readonly strategies: readonly Strategy[]
  readonly suggestion: string
  readonly actions: readonly Action[]
  readonly cetrs: readonly Cetr[]
  readonly stays: readonly Stay[]
  readonly escalation: { readonly day: Day; readonly level: string; readonly forum: string } | null
  readonly crisisPlan: Day | null
  readonly safeguardingOpen: boolean
  readonly policeInvolved: boolean
  readonly keyworker: 'yes' | 'no' | 'offered' | 'declined'
  readonly professionals: Readonly<Record<FeedName, Professional>>
  /** The agency's own number of the person in each feed that knows them. */
  readonly localIds: Readonly<Partial<Record<FeedName, string>>>
  /** Names given to what was planted in this person, for the truth file. */
  readonly planted: readonly string[]
}

/** The entry that counts now: the open accepted one, else the newest. */
export function currentEntry(person: Person): Entry | undefined {
  return person.entries.find(isOpen) ?? person.entries.at(-1)
}

export function isOpen(entry: Entry): boolean {
  return entry.decision === 'accepted' && entry.closed === null
}
