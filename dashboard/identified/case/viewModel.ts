import { dueReason, dueText } from '../dueReason.ts'
import { labelOf } from '../labels.ts'
import type { Row } from '../openVersions.ts'
import { personName } from '../personName.ts'
import { ageOn, count, dateText, daysBetween, listText, text, texts } from '../words.ts'
import { blocksOf, type CaseBlocks } from './blocks.ts'
import { cell, nhsNumberText, phoneLine, yesNo, type Cell, type Item } from './cells.ts'
import { labelled } from './labelled.ts'
import type { CaseRows } from './readCase.ts'
import { unknownsOf } from './unknowns.ts'

export interface CaseView {
  readonly name: string
  readonly summary: string
  readonly rating: string | null
  readonly due: { readonly text: string; readonly isOverdue: boolean; readonly reason: string } | null
  readonly needs: readonly Item[]
  readonly identity: readonly Item[]
  readonly consent: { readonly items: readonly Item[]; readonly toRenew: string | null }
  readonly safety: readonly Item[]
  readonly themes: readonly string[]
  readonly blocks: CaseBlocks
  readonly unknowns: readonly string[]
}

/** One person's case in the order of a meeting: what they need first, then who, why, what was tried, what is planned. */
export function buildCase(rows: CaseRows): CaseView {
  const { person, asOf, next } = rows
  const age = ageOn(person['date_of_birth'], asOf)
  const rating = text(next?.['rating'] ?? rows.ratings[0]?.['rating']) || null
  return {
    name: personName(person),
    summary: summaryOf(rows, age),
    rating,
    due: next ? { text: dueText(next), isOverdue: next['is_overdue'] === true, reason: dueReason(next) } : null,
    needs: [
      { key: 'Communication needs', value: cell(text(person['communication_needs'])) },
      { key: 'Reasonable adjustments', value: cell(text(person['reasonable_adjustments'])) },
      { key: 'Interpreter needed', value: cell(yesNo(person['interpreter'])) },
    ],
    identity: identityOf(person, age),
    consent: consentOf(rows),
    safety: safetyOf(rows.safety),
    themes: [...new Set(rows.themes.map((row) => labelOf('themes', row['theme_code'])))],
    blocks: blocksOf(rows),
    unknowns: unknownsOf(rows, age),
  }
}

function summaryOf(rows: CaseRows, age: number | null): string {
  const entry = rows.entries.find((row) => row['decision'] === 'accepted')
  const since = rows.next?.['rating_since']
  const rated = labelOf('ratings', rows.next?.['rating']).toLowerCase()
  const parts = [
    age === null ? '' : `${age} years old`,
    entry?.['accepted_date'] ? `on the register since ${dateText(entry['accepted_date'])}` : '',
    entry?.['closed_date'] ? `left it on ${dateText(entry['closed_date'])}` : '',
    typeof since === 'string'
      ? `rated ${rated} since ${dateText(since)} (${count(daysBetween(since, rows.asOf), 'day', 'days')})`
      : '',
    rows.next?.['is_inpatient'] === true ? 'in hospital now' : '',
  ].filter((part) => part !== '')
  const sentence = listText(parts)
  return sentence === '' ? '' : `${sentence[0]?.toUpperCase() ?? ''}${sentence.slice(1)}.`
}

function identityOf(person: Row, age: number | null): readonly Item[] {
  const isHidden = person['is_sensitive'] === true
  const place = (value: unknown): Cell =>
    isHidden ? cell('Not shown: an agency marked the address as sensitive') : cell(text(value))
  const born = dateText(person['date_of_birth'])
  const conditions = [
    labelled('Learning disability', 'learning_disability_status', person['ld_status']),
    labelled('Autism', 'autism_status', person['autism_status']),
    ...texts(person['other_diagnoses']),
  ]
  return [
    { key: 'Name', value: cell(personName(person), labelled('Other names', '', person['other_names'])) },
    { key: 'Date of birth', value: cell(born === '' ? '' : age === null ? born : `${born} (${age} years)`) },
    { key: 'NHS number', value: cell(nhsNumberText(person['nhs_number'])) },
    {
      key: 'Place of residence',
      value: isHidden
        ? place('')
        : cell(
            text(person['address_lines']),
            text(person['postcode']),
            labelOf('councils', person['residence_utla_gss']),
          ),
    },
    { key: 'Kind of accommodation', value: cell(labelOf('accommodation', person['accommodation_code'])) },
    { key: 'Telephone', value: isHidden ? place('') : cell(phoneLine(person['phone'])) },
    { key: 'GP practice', value: place(person['gp_ods']) },
    {
      key: 'Responsible',
      value: cell(labelOf('icbs', person['responsible_icb_ods']), labelOf('councils', person['responsible_utla_gss'])),
    },
    { key: 'Diagnoses', value: cell(...conditions) },
    { key: 'Sex', value: cell(labelOf('sex', person['sex_code'])) },
    { key: 'Ethnic category', value: cell(labelOf('ethnic_category', person['ethnic_code'])) },
    { key: 'Education', value: place(person['education_setting']) },
    { key: 'Education, health and care plan', value: cell(yesNo(person['ehcp'])) },
    { key: 'Looked after by a council', value: cell(yesNo(person['looked_after'])) },
    ...(person['deceased_date'] ? [{ key: 'Died', value: cell(dateText(person['deceased_date'])) }] : []),
  ]
}

function consentOf({ person, consents }: CaseRows): CaseView['consent'] {
  const state = text(person['consent_state'])
  const record = consents.find((row) => row['basis'] === person['consent_basis']) ?? consents[0] ?? {}
  return {
    toRenew:
      state === '' || state === 'valid' ? null : `Consent to renew: ${labelOf('consent_states', state).toLowerCase()}.`,
    items: [
      { key: 'Basis', value: cell(labelOf('consent_bases', person['consent_basis'])) },
      { key: 'Decided on', value: cell(dateText(person['consent_decided_on'])) },
      { key: 'State', value: cell(labelOf('consent_states', state)) },
      { key: 'Given or decided by', value: cell(text(record['given_by_role'])) },
      {
        key: 'Capacity assessed',
        value: cell(dateText(record['capacity_assessed_date']), text(record['assessor_role'])),
      },
      ...optional('Best-interests decision', dateText(record['best_interest_date'])),
      ...optional('Deputy or order', text(record['deputy_or_order'])),
      { key: 'To be confirmed again by', value: cell(dateText(record['review_due'])) },
      { key: 'Where the proof is kept', value: cell(text(record['evidence_reference'])) },
    ],
  }
}

function optional(key: string, value: string): readonly Item[] {
  return value === '' ? [] : [{ key, value: cell(value) }]
}

function safetyOf(rows: readonly Row[]): readonly Item[] {
  const planned = rows.map((row) => dateText(row['crisis_plan_date'])).find((date) => date !== '') ?? ''
  const isOpen = rows.some((row) => row['safeguarding_open'] === true)
  const isKnown = rows.some((row) => typeof row['safeguarding_open'] === 'boolean')
  return [
    { key: 'Crisis or contingency plan', value: cell(planned === '' ? '' : `Dated ${planned}`) },
    { key: 'Safeguarding enquiry open', value: cell(isKnown ? yesNo(isOpen) : '') },
    { key: 'Restrictions', value: cell(...rows.map((row) => text(row['restrictions']))) },
  ]
}
