import { dueDate, ratingOn, type Due, type Rating } from './dueDate.ts'
import type { FeedCounts } from './feeds/feedWriter.ts'
import { basisEndsAt } from './world/makeConsents.ts'
import { birthday, isoDay, monthStart, type Day } from './world/days.ts'
import { missingService } from './world/makeActions.ts'
import { risingTheme } from './world/makeIssues.ts'
import type { World } from './world/makePeople.ts'
import { feedNames, isOpen, type Entry, type FeedName, type Person } from './world/person.ts'

/** People are named in the truth file up to this many; a larger demo gets totals only. */
const namedUpTo = 20_000
const gapDays = 28
const renewalDays = 365

export interface PersonRef {
  readonly nhs_number: string | null
  readonly local_ids: Person['localIds']
}

export interface OverdueReview extends PersonRef {
  readonly due_on: string
  readonly days_overdue: number
  readonly due_because: Due['because']
  readonly due_from_on: string
  readonly due_rating: Rating
  readonly rating: Rating
  readonly responsible_icb_ods: string
}

type Lists = {
  readonly [
    list in
      | 'never_reviewed'
      | 'three_agencies'
      | 'withdrawn'
      | 'withdrawn_but_yes_elsewhere'
      | 'refused'
      | 'consent_not_recorded'
      | 'statutory_only'
      | 'stale_rating_at_provider'
      | 'number_missing_at_provider'
      | 'moved'
      | 'missing_service'
      | 'rising_theme'
      | 'gone_quiet'
  ]: PersonRef[]
}

/** What a feed's extract holds; a bad row names the check that is to find it. */
export type FeedTruth = Omit<FeedCounts, 'badRows'> & { readonly bad_rows: FeedCounts['badRows'] }

type Counts = Record<string, number>

/** What was planted and what follows from it, worked out from the made-up lives and not from any step of the pipeline. */
export interface Truth {
  readonly made_up: true
  readonly as_of: string
  readonly last_day_on_record: string
  readonly seed: number
  readonly people: number
  readonly rules: readonly string[]
  readonly feeds: Readonly<Record<FeedName, FeedTruth>>
  readonly register: {
    /** People past the consent gate, by what became of their referral. */
    readonly past_the_gate: number
    readonly open: number
    readonly closed: number
    readonly pending: number
    readonly rejected: number
    /** Open, at `as_of`: ICB or `all` → rating → people. */
    readonly by_rating: Readonly<Record<string, Counts>>
  }
  readonly exclusions: Counts
  readonly statutory_only: { readonly people: number; readonly stays: number }
  readonly overdue: { readonly people: number; readonly by_rating: Counts; readonly by_because: Counts }
  /** At the end of each month: people by rating, and how many of them were overdue the day after. */
  readonly months: readonly { readonly month: string; readonly people: Counts; readonly overdue: number }[]
  readonly consent_to_renew: Counts
  readonly rising_theme: {
    readonly theme: string
    readonly icb: string
    /** People in whom it was planted, by the month it began in. */
    readonly planted: readonly { readonly month: string; readonly people: number }[]
    /** People of each ICB of whom the theme was said in the month, planted or not. */
    readonly spoken_of: readonly { readonly month: string; readonly people: Counts }[]
  }
  readonly missing_service: {
    readonly service: string
    readonly icb: string
    readonly reason: string
    readonly people: number
    readonly people_with_gap: number
  }
  readonly canaries: readonly {
    readonly given_name: string
    readonly family_name: string
    readonly phone: string
    readonly postcode: string
  }[]
  readonly lists:
    | (Lists & {
        readonly overdue: OverdueReview[]
        readonly consent_to_renew: (PersonRef & { readonly state: string })[]
      })
    | null
}

export interface TruthKeeper {
  add(person: Person): void
  finish(feeds: Readonly<Record<FeedName, FeedCounts>>): Truth
}

export function keepTruth(world: World, months: number): TruthKeeper {
  const named = world.people <= namedUpTo
  const lists: Lists & { overdue: OverdueReview[]; consent_to_renew: (PersonRef & { state: string })[] } = {
    overdue: [],
    never_reviewed: [],
    three_agencies: [],
    withdrawn: [],
    withdrawn_but_yes_elsewhere: [],
    refused: [],
    consent_not_recorded: [],
    statutory_only: [],
    stale_rating_at_provider: [],
    number_missing_at_provider: [],
    moved: [],
    missing_service: [],
    rising_theme: [],
    gone_quiet: [],
    consent_to_renew: [],
  }
  const paths: Counts = {}
  const states = { open: 0, closed: 0 }
  const byRating: Record<string, Counts> = {}
  const overdue = { people: 0, by_rating: {} as Counts, by_because: {} as Counts }
  const consentToRenew: Counts = {}
  const statutory = { people: 0, stays: 0 }
  const missing = { people: 0, people_with_gap: 0 }
  const planted: Counts = {}
  const canaries: Truth['canaries'][number][] = []
  const monthEnds = Array.from({ length: months }, (_, index) => monthStart(world.asOf, index - months + 1) - 1)
  const byMonth = monthEnds.map((end) => ({ month: isoDay(monthStart(end)), people: {} as Counts, overdue: 0 }))
  const spoken = monthEnds.map((end) => ({ month: isoDay(monthStart(end)), people: {} as Counts }))

  const note = (list: keyof Lists, person: Person): void => {
    if (named) lists[list].push(refOf(person))
  }

  const addOpen = (person: Person, entry: Entry): void => {
    states.open++
    const rating = ratingOn(person, world.asOf)
    if (rating === null) throw new Error('everyone on the register has a rating')
    for (const place of ['all', person.icb]) count((byRating[place] ??= {}), rating)
    const due = dueOf(person, entry, world.asOf)
    if (due !== null && due.dueOn < world.asOf) {
      overdue.people++
      count(overdue.by_rating, rating)
      count(overdue.by_because, due.because)
      if (named) {
        lists.overdue.push({
          ...refOf(person),
          due_on: isoDay(due.dueOn),
          days_overdue: world.asOf - due.dueOn,
          due_because: due.because,
          due_from_on: isoDay(due.from),
          due_rating: due.rating,
          rating,
          responsible_icb_ods: person.icb,
        })
      }
    }
    if (person.reviews.length === 0) note('never_reviewed', person)
    if (person.planted.includes('quiet')) note('gone_quiet', person)
    const state = consentState(person, world.asOf)
    if (state !== 'valid') {
      count(consentToRenew, state)
      if (named) lists.consent_to_renew.push({ ...refOf(person), state })
    }
    const lacking = person.actions.find(
      ({ service, unavailableReason, state: at }) =>
        service === missingService.service && unavailableReason === missingService.reason && at === 'unavailable',
    )
    if (lacking) {
      if (person.icb !== missingService.icb) throw new Error('the missing service is missing in one place only')
      missing.people++
      if (world.asOf - lacking.raised >= gapDays) missing.people_with_gap++
      note('missing_service', person)
    }
  }

  const addMonths = (person: Person): void => {
    monthEnds.forEach((end, index) => {
      const [month, said] = [byMonth[index], spoken[index]]
      const entry = person.entries.find(
        ({ accepted, closed }) => accepted !== null && accepted <= end && (closed === null || closed > end),
      )
      const rating = entry ? ratingOn(person, end) : null
      if (month && entry && rating !== null) {
        count(month.people, rating)
        const due = named ? dueOf(person, entry, end + 1) : null
        if (due !== null && due.dueOn < end + 1) month.overdue++
      }
      const start = monthStart(end)
      const isSpokenOf = person.issues.some(
        ({ theme, mentioned }) => theme === risingTheme.theme && mentioned.some((day) => day >= start && day <= end),
      )
      if (said && isSpokenOf) count(said.people, person.icb)
    })
  }

  return {
    add(person) {
      count(paths, person.path)
      if (person.path === 'statutory') {
        statutory.people++
        statutory.stays += person.stays.length
        note('statutory_only', person)
      }
      if (person.path === 'withdrawn') note('withdrawn', person)
      if (person.path === 'refused') note('refused', person)
      if (person.path === 'unrecorded') note('consent_not_recorded', person)
      if (person.planted.includes('withdrawn_elsewhere_yes')) note('withdrawn_but_yes_elsewhere', person)
      if (person.planted.includes('three_agencies')) note('three_agencies', person)
      if (person.planted.includes('number_missing')) note('number_missing_at_provider', person)
      if (person.planted.includes('stale_rating')) note('stale_rating_at_provider', person)
      if (person.planted.includes('moved')) note('moved', person)
      if (person.planted.includes('canary')) {
        canaries.push({
          given_name: person.givenName,
          family_name: person.familyName,
          phone: person.phone,
          postcode: person.postcode,
        })
      }
      if (person.path !== 'register') return
      const open = person.entries.find(isOpen)
      if (open) addOpen(person, open)
      else states.closed++
      if (person.planted.includes('rising_theme')) {
        const begun = person.issues.find(({ theme, ended }) => theme === risingTheme.theme && ended === null)?.begun
        if (begun !== undefined) count(planted, isoDay(monthStart(begun)))
        note('rising_theme', person)
      }
      addMonths(person)
    },
    finish(feeds) {
      const of = (path: string): number => paths[path] ?? 0
      return {
        made_up: true,
        as_of: isoDay(world.asOf),
        last_day_on_record: isoDay(world.until),
        seed: world.seed,
        people: world.people,
        rules,
        feeds: Object.fromEntries(feedNames.map((feed) => [feed, feedTruth(feeds[feed])])) as Record<
          FeedName,
          FeedTruth
        >,
        register: {
          past_the_gate: of('register') + of('pending') + of('rejected'),
          ...states,
          pending: of('pending'),
          rejected: of('rejected'),
          by_rating: byRating,
        },
        exclusions: { K90: of('unrecorded'), K91: of('withdrawn'), K92: of('refused') },
        statutory_only: statutory,
        overdue,
        months: byMonth,
        consent_to_renew: consentToRenew,
        rising_theme: {
          theme: risingTheme.theme,
          icb: risingTheme.icb,
          planted: Array.from({ length: risingTheme.months }, (_, index) => {
            const month = isoDay(monthStart(world.asOf, index - risingTheme.months))
            return { month, people: planted[month] ?? 0 }
          }),
          spoken_of: spoken,
        },
        missing_service: { ...missingService, ...missing },
        canaries,
        lists: named ? lists : null,
      }
    },
  }
}

const rules: readonly string[] = [
  'read = accepted + quarantined + duplicates, for each feed; a workbook counts the rows of all its sheets',
  'past the gate: the newest consent decision of any agency is neither missing, refused nor withdrawn',
  'open: past the gate, accepted, not closed; rating: the last one recorded, blue while in hospital',
  'due: last of review, admission and discharge (none: the acceptance that began the unbroken time on the register) + interval of the rating then; a later change to a shorter interval brings it forward; overdue when due before as_of',
  'consent to renew: the newest decision is more than 365 days old (lapsed), or a birthday since has ended its basis (overtaken)',
  'months: people open on the last day of the month by their rating then, and those overdue on the day after by what was on record then',
  'missing service: people open with the service unavailable for that reason; a gap after 28 days',
]

/** Day since which the person is on the register without a break: moving to the adult register the same day is none. */
function onRegisterSince(person: Person, entry: Entry): Day {
  const before = person.entries.find((other) => other.closed !== null && other.closed === entry.accepted)
  return before === undefined ? (entry.accepted ?? entry.referred) : onRegisterSince(person, before)
}

/** The due date as it stood on `day`: what happened on that day or later was not known. */
function dueOf(person: Person, entry: Entry, day: Day): Due | null {
  return dueDate({
    acceptedOn: onRegisterSince(person, entry),
    reviews: person.reviews.filter((review) => review < day),
    ratings: person.ratings.filter(({ from }) => from < day),
    stays: person.stays
      .filter(({ admitted }) => admitted < day)
      .map(({ admitted, discharged }) => ({
        admitted,
        discharged: discharged !== null && discharged < day ? discharged : null,
      })),
  })
}

export function consentState(
  { consents, born }: Person,
  asOf: Day,
): 'valid' | 'lapsed' | 'overtaken_16' | 'overtaken_18' {
  const newest = consents.at(-1)
  if (!newest) throw new Error('no consent: not on the register')
  for (const age of [18, 16] as const) {
    const at = birthday(born, age)
    if (newest.decided < at && at <= asOf && basisEndsAt(newest.basis, age)) return `overtaken_${age}`
  }
  return newest.decided + renewalDays < asOf ? 'lapsed' : 'valid'
}

function feedTruth({ badRows, ...counts }: FeedCounts): FeedTruth {
  return { ...counts, bad_rows: badRows }
}

function refOf({ nhsNumber, localIds }: Person): PersonRef {
  return {
    nhs_number: nhsNumber,
    local_ids: Object.fromEntries(
      feedNames.flatMap((feed) => (localIds[feed] === undefined ? [] : [[feed, localIds[feed]]])),
    ),
  }
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
