import { labelOf } from '../labels.ts'
import type { Row } from '../openVersions.ts'
import { count, dateText, daysBetween, listText, text, texts } from '../words.ts'
import { cell, emailLine, phoneLine, ratingCell, type Block, type Cell, type Cells } from './cells.ts'
import { distinct, distinctItems, groupRows, newest, spanText } from './groupRows.ts'
import { labelled } from './labelled.ts'
import type { CaseRows } from './readCase.ts'

export interface CaseBlocks {
  readonly issues: Block
  readonly tried: Block
  readonly suggestions: Block
  readonly plan: Block
  readonly professionals: Block
  readonly ratings: Block
  readonly reviews: Block
  readonly cetrs: Block
  readonly admissions: Block
  readonly escalations: Block
  readonly entries: Block
  readonly agencies: Block
  readonly disagreements: Block
  readonly timeline: Block
}

/** Rows of a history that are shown before the rest is folded. */
const shownRows = 6

/** An issue noted within so many days of the newest one is current; silence since does not make it less so. */
const currentDays = 90

/** The tables of a case, each saying which agencies it has its rows from. */
export function blocksOf(rows: CaseRows): CaseBlocks {
  const names = new Map(rows.agencies.map((row) => [text(row['feed']), text(row['agency_name']) || text(row['feed'])]))
  const saidBy = (group: readonly Row[]): Cell =>
    cell(...distinctItems(group, 'feeds').map((feed) => names.get(feed) ?? feed))
  const { asOf } = rows

  return {
    issues: issuesBlock(rows.issues, saidBy),
    tried: {
      caption: 'What has been tried',
      columns: ['What', 'In words', 'Did it help?', 'When', 'Said by'],
      ...unfolded(
        groupRows(rows.strategies, (row) => text(row['strategy_code']) || text(row['note'])).map((group) => [
          cell(
            listText(distinct(group, 'strategy_code').map((code) => labelOf('strategies', code))),
            isPositive(group),
          ),
          cell(...distinct(group, 'note')),
          cell(...distinct(group, 'outcome').map((code) => labelOf('strategy_outcomes', code))),
          cell(spanText(group, 'date')),
          saidBy(group),
        ]),
      ),
    },
    suggestions: {
      caption: 'What could be useful',
      columns: ['Suggestion', 'Kind', 'When', 'Said by'],
      ...unfolded(
        rows.suggestions.map((row) => [
          cell(text(row['note'])),
          cell(labelOf('strategies', row['strategy_code']), labelOf('services', row['service_code'])),
          cell(dateText(row['date'])),
          saidBy([row]),
        ]),
      ),
    },
    plan: planBlock(rows.actions, asOf, saidBy),
    professionals: {
      caption: 'Who is involved',
      columns: ['Name', 'Role', 'Agency', 'Contact', 'Last contact', 'Said by'],
      ...unfolded(
        rows.professionals.map((row) => [
          cell(text(row['name']), rolesOf(row)),
          cell(text(row['role'])),
          cell(text(row['agency_name']) || labelOf('agencies', row['agency_kind'])),
          cell(phoneLine(row['phone']), emailLine(row['email'])),
          cell(dateText(row['last_contact']), row['to_date'] ? `Until ${dateText(row['to_date'])}` : ''),
          saidBy([row]),
        ]),
      ),
    },
    ratings: {
      caption: 'Ratings',
      columns: ['From', 'Rating', 'Why', 'Set by', 'Said by'],
      ...folded(
        'Earlier ratings',
        groupRows(rows.ratings, (row) => `${text(row['effective_from'])} ${text(row['rating'])}`).map((group) => [
          cell(dateText(group[0]?.['effective_from'])),
          ratingCell(group[0]?.['rating']),
          cell(...distinct(group, 'reason'), ...group.map(toolText)),
          cell(...distinct(group, 'set_by_role')),
          saidBy(group),
        ]),
      ),
    },
    reviews: {
      caption: 'Reviews',
      columns: ['Held', 'Kind', 'What was said', 'Present', 'Said by'],
      ...folded(
        'Earlier reviews',
        groupRows(rows.reviews, (row) => `${text(row['held_on'])} ${text(row['kind'])}`).map((group) => [
          cell(dateText(group[0]?.['held_on'])),
          cell(labelOf('review_kinds', group[0]?.['kind'])),
          cell(...distinct(group, 'summary')),
          cell(listText(distinctItems(group, 'attendee_agencies').map((code) => labelOf('agencies', code)))),
          saidBy(group),
        ]),
      ),
    },
    cetrs: {
      caption: 'C(E)TRs',
      columns: ['Kind', 'Due', 'Held', 'Outcome', 'Recommendations', 'Said by'],
      ...folded(
        'Earlier C(E)TRs',
        rows.cetrs.map((row) => [
          cell(labelOf('cetr_kinds', row['kind'])),
          cell(dateText(row['due_date'])),
          cell(dateText(row['held_on']) || 'Not held'),
          cell(labelOf('cetr_outcomes', row['outcome'])),
          cell(text(row['recommendations']), doneText(row['recommendations_done'])),
          saidBy([row]),
        ]),
      ),
    },
    admissions: {
      caption: 'Admissions',
      columns: ['Admitted', 'Discharged', 'Ward', 'Legal status', 'Why', 'Said by'],
      ...folded(
        'Earlier admissions',
        rows.admissions.map((row) => [
          cell(dateText(row['admitted']), labelOf('admission_plans', row['planned'])),
          cell(dateText(row['discharged']) || 'Still in hospital', plannedDischarge(row)),
          cell(
            labelOf('ward_security', row['ward_security']),
            labelOf('bed_types', row['bed_type']),
            text(row['provider_ods']),
          ),
          cell(labelOf('mha_legal_status', row['mha_code'])),
          cell(...texts(row['reasons']).map((code) => labelOf('admission_reasons', code)), delays(row)),
          saidBy([row]),
        ]),
      ),
    },
    escalations: {
      caption: 'Escalations',
      columns: ['When', 'Level', 'Forum', 'Why', 'Outcome', 'Said by'],
      ...folded(
        'Earlier escalations',
        rows.escalations.map((row) => [
          cell(dateText(row['date'])),
          cell(labelOf('escalation_levels', row['level'])),
          cell(text(row['forum'])),
          cell(text(row['reason'])),
          cell(text(row['outcome']), row['closed_date'] ? `Closed ${dateText(row['closed_date'])}` : ''),
          saidBy([row]),
        ]),
      ),
    },
    entries: {
      caption: 'Referrals to the register',
      columns: ['Referred', 'By', 'Why', 'Decision', 'Keyworker', 'Said by'],
      ...unfolded(
        rows.entries.map((row) => [
          cell(dateText(row['referral_date']), labelOf('register_scopes', row['register_scope'])),
          cell(labelOf('referrer_roles', row['referrer_role'])),
          cell(text(row['referral_reason'])),
          cell(...decisionLines(row)),
          cell(labelOf('keyworker_states', row['keyworker'])),
          saidBy([row]),
        ]),
      ),
    },
    agencies: {
      caption: 'Agencies that know the person',
      columns: ['Agency', 'Kind', 'Knows since', 'Last said something', 'Data of'],
      ...unfolded(
        rows.agencies.map((row) => [
          cell(text(row['agency_name']) || text(row['feed'])),
          cell(labelOf('agencies', row['agency_kind'])),
          cell(dateText(row['known_since'])),
          cell(dateText(row['last_said_on'])),
          cell(dateText(row['delivered_on'])),
        ]),
      ),
    },
    disagreements: {
      caption: 'Where agencies differ',
      columns: ['Fact', 'Agency', 'What it says', 'As of'],
      ...unfolded(
        rows.disagreements.map((row) => [
          cell(fieldName(row['field'])),
          cell(names.get(text(row['feed'])) ?? text(row['feed'])),
          cell(text(row['value'])),
          cell(dateText(row['recorded_on'])),
        ]),
      ),
    },
    timeline: {
      caption: 'Ratings, reviews and everything else that happened, newest first',
      columns: ['When', 'What', 'Detail'],
      ...unfolded(
        rows.timeline.map((row) => [
          cell(dateText(row['happened_on']), row['ended_on'] ? `until ${dateText(row['ended_on'])}` : ''),
          cell(labelOf('timeline_events', row['event'])),
          row['event'] === 'rating'
            ? ratingCell(row['detail'])
            : cell(labelOf(text(row['detail_list']), row['detail'])),
        ]),
      ),
    },
  }
}

type Folding = Pick<Block, 'rows' | 'earlier' | 'earlierCaption'>

function unfolded(rows: readonly Cells[]): Folding {
  return { rows, earlier: [], earlierCaption: '' }
}

function folded(earlierCaption: string, rows: readonly Cells[]): Folding {
  return { rows: rows.slice(0, shownRows), earlier: rows.slice(shownRows), earlierCaption }
}

/**
 * One row a theme, with what was said of it; a note that nobody put under a theme stands for itself. The last noted come
 * first.
 */
function issuesBlock(issues: readonly Row[], saidBy: (group: readonly Row[]) => Cell): Block {
  const themes = new Map(
    issues.filter((row) => row['theme_code']).map((row) => [text(row['note']), text(row['theme_code'])]),
  )
  const themeOf = (row: Row): string => {
    const note = text(row['note'])
    return text(row['theme_code']) || (note === '' ? '' : (themes.get(note) ?? note))
  }
  const groups = [...groupRows(issues, themeOf)].sort((a, b) =>
    newest(b, 'noted_date').localeCompare(newest(a, 'noted_date')),
  )
  const last = newest(issues, 'noted_date')
  const isCurrent = (group: readonly Row[]): boolean => {
    const noted = newest(group, 'noted_date')
    const isOver = group.every((row) => row['ended_date'])
    return !isOver && (noted === '' || daysBetween(noted, last) <= currentDays)
  }
  const cells = (group: readonly Row[]): Cells => [
    cell(...distinct(group, 'theme_code').map((code) => labelOf('themes', code))),
    cell(...distinct(group, 'note').slice(0, 3)),
    cell(...distinct(group, 'relates_to').map((code) => labelOf('issue_relations', code))),
    cell(
      spanText(group, 'noted_date'),
      group.every((row) => row['ended_date']) ? `Over since ${dateText(newest(group, 'ended_date'))}` : '',
    ),
    saidBy(group),
  ]
  return {
    caption: 'Current issues',
    columns: ['Theme', 'In words', 'Bears on', 'Noted', 'Said by'],
    rows: groups.filter(isCurrent).map(cells),
    earlier: groups.filter((group) => !isCurrent(group)).map(cells),
    earlierCaption: 'Earlier issues',
  }
}

/** Overdue first, as they come; what is done is folded away. */
function planBlock(actions: readonly Row[], asOf: string, saidBy: (group: readonly Row[]) => Cell): Block {
  const isDone = (row: Row): boolean => row['state'] === 'done' || Boolean(row['done_date'])
  const cells = (row: Row): Cells => [
    cell(labelOf('services', row['service_code']), text(row['description'])),
    cell(labelOf('action_horizons', row['current_or_potential'])),
    cell(labelOf('action_states', row['state']), labelOf('unavailable_reasons', row['unavailable_reason'])),
    cell(text(row['owner_name']), labelOf('agencies', row['owner_agency'])),
    cell(dateText(row['due_date']), lateText(row, asOf)),
    saidBy([row]),
  ]
  return {
    caption: 'Action plan',
    columns: ['Action', 'Service is', 'State', 'Owner', 'Due', 'Said by'],
    rows: actions.filter((row) => !isDone(row)).map(cells),
    earlier: actions.filter(isDone).map(cells),
    earlierCaption: 'Done',
  }
}

function lateText(row: Row, asOf: string): string {
  const due = text(row['due_date'])
  if (row['done_date']) return `Done ${dateText(row['done_date'])}`
  return due !== '' && due < asOf && row['state'] !== 'done'
    ? `${count(daysBetween(due, asOf), 'day', 'days')} overdue`
    : ''
}

function isPositive(group: readonly Row[]): string {
  return group.some((row) => row['positive'] === true) ? 'Positive strategy' : ''
}

function toolText(row: Row): string {
  const score = text(row['score'])
  return [labelled('Tool', '', row['tool']), score === '' ? '' : `score ${score}`]
    .filter((part) => part !== '')
    .join(', ')
}

function rolesOf(row: Row): string {
  const roles = [
    row['is_lead'] === true ? 'lead for the register' : '',
    row['is_keyworker'] === true ? 'keyworker' : '',
    row['is_advocate'] === true
      ? `advocate ${labelOf('advocate_types', row['advocate_type']).toLowerCase()}`.trim()
      : '',
  ].filter((role) => role !== '')
  return capital(listText(roles))
}

function doneText(value: unknown): string {
  return value === true ? 'All done' : value === false ? 'Not all done' : ''
}

function plannedDischarge(row: Row): string {
  return row['discharged'] || !row['planned_discharge_date']
    ? ''
    : `Discharge planned for ${dateText(row['planned_discharge_date'])}`
}

function delays(row: Row): string {
  const reasons = texts(row['delay_reasons']).map((code) => labelOf('delay_reasons', code))
  return reasons.length === 0 ? '' : `Discharge delayed: ${listText(reasons)}`
}

function decisionLines(row: Row): readonly string[] {
  return [
    labelOf('entry_decisions', row['decision']),
    row['accepted_date'] ? `Accepted ${dateText(row['accepted_date'])}` : '',
    labelOf('rejection_reasons', row['rejection_reason']),
    row['closed_date'] ? `Closed ${dateText(row['closed_date'])}` : '',
    labelOf('closure_reasons', row['closure_reason']),
  ]
}

/** `date_of_birth` as `Date of birth`. */
function fieldName(field: unknown): string {
  return capital(text(field).replaceAll('_', ' '))
}

function capital(words: string): string {
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
}
