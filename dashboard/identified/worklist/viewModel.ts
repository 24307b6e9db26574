import { readCodes } from '../../../register/readCodes.ts'
import { dueReason, dueText } from '../dueReason.ts'
import { labelOf } from '../labels.ts'
import type { Row } from '../openVersions.ts'
import { personName } from '../personName.ts'
import { ageOn, count, dateText, daysBetween, number, text } from '../words.ts'
import { pageSize, type Worklist, type WorklistFilter, type WorklistState } from './readWorklist.ts'

export interface WorklistRow {
  readonly href: string
  readonly name: string
  readonly age: string
  readonly rating: string | null
  readonly ratingSince: string
  readonly place: string
  readonly due: string
  readonly isOverdue: boolean
  readonly reason: string
  readonly lastHeard: string
  /** What else wants doing: consent, actions, agencies that differ. */
  readonly notes: readonly string[]
}

export interface WorklistView {
  readonly summary: string
  readonly filters: unknown
  readonly rows: readonly WorklistRow[]
  readonly range: string
  readonly previous: string | null
  readonly next: string | null
}

const stateNames: Readonly<Record<WorklistState, string>> = {
  overdue: 'Overdue',
  due_14: 'Due within 14 days',
  never: 'Never reviewed',
}

/** Days without a word after which somebody should ask. */
const quietDays = 90

/**
 * @param filter what is shown; `places` are those chosen
 * @param ownPlaces all places of the visitor, to choose from
 * @param chosenPlace the one chosen, or null for all
 */
export function buildWorklist(
  worklist: Worklist,
  filter: WorklistFilter,
  ownPlaces: readonly string[],
  chosenPlace: string | null,
  asOf: string,
): WorklistView {
  const total = number(worklist.totals['people'])
  const shown = filter.state === null ? total : number(worklist.totals[filter.state])
  const first = (filter.page - 1) * pageSize + 1
  const last = first + worklist.rows.length - 1
  const address = (page: number): string => pageAddress(filter, chosenPlace, page)
  return {
    summary: summaryOf(worklist.totals),
    filters: filtersOf(filter, ownPlaces, chosenPlace),
    rows: worklist.rows.map((row) => rowOf(row, asOf)),
    range:
      worklist.rows.length === 0
        ? 'Nobody to show.'
        : `Showing ${first} to ${last} of ${count(shown, 'person', 'people')}.`,
    previous: filter.page > 1 ? address(filter.page - 1) : null,
    next: last < shown && worklist.rows.length > 0 ? address(filter.page + 1) : null,
  }
}

function summaryOf(totals: Row): string {
  const people = count(number(totals['people']), 'person', 'people')
  const parts = [
    `${number(totals['overdue'])} overdue`,
    `${number(totals['due_14'])} due within 14 days`,
    `${number(totals['never'])} never reviewed`,
  ]
  return `${people}: ${parts.join(', ')}.`
}

function rowOf(row: Row, asOf: string): WorklistRow {
  const age = ageOn(row['date_of_birth'], asOf)
  const quiet = text(row['quiet_since'])
  const isQuiet = quiet !== '' && daysBetween(quiet, asOf) > quietDays
  return {
    href: `/cases/${text(row['case_ref'])}`,
    name: personName(row),
    age: age === null ? '' : `${age} years`,
    rating: text(row['rating']) || null,
    ratingSince: row['rating_since'] ? `since ${dateText(row['rating_since'])}` : '',
    place: labelOf('councils', row['residence_utla_gss']) || labelOf('icbs', row['responsible_icb_ods']),
    due: dueText(row),
    isOverdue: row['is_overdue'] === true,
    reason: dueReason(row),
    lastHeard: quiet === '' ? 'Nothing dated' : `${isQuiet ? 'Quiet since' : 'Last heard'} ${dateText(quiet)}`,
    notes: notesOf(row, asOf),
  }
}

function notesOf(row: Row, asOf: string): readonly string[] {
  const consent = text(row['consent_state'])
  const actions = number(row['actions_overdue'])
  const facts = number(row['disagreements'])
  return [
    ...(consent !== '' && consent !== 'valid'
      ? [`Consent to renew: ${labelOf('consent_states', consent).toLowerCase()}; ${graceText(row, asOf)}`]
      : []),
    ...(row['is_inpatient'] === true ? ['In hospital'] : []),
    ...(actions > 0 ? [`${count(actions, 'action', 'actions')} overdue`] : []),
    ...(facts > 0 ? [`Agencies differ on ${count(facts, 'fact', 'facts')}`] : []),
  ]
}

/** Until when the case stays as it is; after that day a named person may seal it, and nobody else does. */
function graceText(row: Row, asOf: string): string {
  const ends = text(row['grace_ends_on'])
  if (ends === '') return 'the grace has no day to end on'
  return ends < asOf ? `the grace ended on ${dateText(ends)}` : `the grace ends on ${dateText(ends)}`
}

function filtersOf(filter: WorklistFilter, ownPlaces: readonly string[], chosenPlace: string | null): unknown {
  const all = { value: '', text: 'All' }
  const field = (
    name: string,
    label: string,
    options: readonly { value: string; text: string }[],
    chosen: string | null,
  ) => ({
    name,
    label,
    options: [all, ...options].map((option) => ({ ...option, isChosen: option.value === (chosen ?? '') })),
  })
  const places = ownPlaces.map((place) => ({ value: place, text: labelOf('icbs', place) }))
  const ratings = readCodes('ratings').map(({ code, label }) => ({ value: code, text: label }))
  const states = Object.entries(stateNames).map(([value, name]) => ({ value, text: name }))
  return {
    action: '/worklist',
    fields: [
      field('icb', 'Responsible ICB', places, chosenPlace),
      field('rating', 'Rating', ratings, filter.rating),
      field('state', 'Review', states, filter.state),
    ],
  }
}

function pageAddress(filter: WorklistFilter, place: string | null, page: number): string {
  const query = new URLSearchParams()
  if (place !== null) query.set('icb', place)
  if (filter.rating !== null) query.set('rating', filter.rating)
  if (filter.state !== null) query.set('state', filter.state)
  if (page > 1) query.set('page', String(page))
  const asked = query.toString()
  return asked === '' ? '/worklist' : `/worklist?${asked}`
}
