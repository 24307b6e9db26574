import { dateText } from '../words.ts'
import type { CaseRows } from './readCase.ts'

/** Up to this age a keyworker is to be offered (domain.md 2.6). */
const keyworkerAge = 25

/** What a meeting should ask about, because no agency has said it: an empty place on a page is easily overlooked. */
export function unknownsOf(rows: CaseRows, age: number | null): readonly string[] {
  const { person, next, professionals, safety, actions, entries, consents, ratings, reviews } = rows
  const isOpen = (row: { readonly [name: string]: unknown }): boolean =>
    !['done', 'refused'].includes(String(row['state']))
  const unowned = actions.filter((row) => isOpen(row) && !row['owner_name'] && !row['owner_agency']).length
  const undated = actions.filter((row) => isOpen(row) && !row['due_date']).length
  const checks: readonly (readonly [boolean, string])[] = [
    [!person['communication_needs'], 'How the person communicates, and what helps'],
    [!person['reasonable_adjustments'], 'Which reasonable adjustments the person needs'],
    [!person['nhs_number'], 'The NHS number: agencies’ records may not all have been found'],
    [!person['address_lines'] && person['is_sensitive'] !== true, 'Where the person lives'],
    [!person['responsible_icb_ods'], 'Which ICB is responsible'],
    [!person['ld_status'] && !person['autism_status'], 'Whether learning disability or autism is confirmed'],
    [!person['ethnic_code'], 'The ethnic category'],
    [!person['consent_decided_on'], 'When consent, or the decision in its place, was given'],
    [consents.every((row) => !row['evidence_reference']), 'Where the proof of consent is kept'],
    [ratings.length === 0, 'Any rating'],
    [next?.['is_never_reviewed'] === true || reviews.length === 0, 'Any review: none has been recorded'],
    [professionals.every((row) => row['is_lead'] !== true), 'Who leads for the register'],
    [
      age !== null &&
        age <= keyworkerAge &&
        professionals.every((row) => row['is_keyworker'] !== true) &&
        !entries[0]?.['keyworker'],
      `Whether a keyworker was offered (the person is ${age ?? ''} years old)`,
    ],
    [safety.every((row) => !row['crisis_plan_date']), 'Whether there is a crisis or contingency plan'],
    [safety.every((row) => typeof row['safeguarding_open'] !== 'boolean'), 'Whether a safeguarding enquiry is open'],
    [actions.length === 0, 'Any action: the plan is empty'],
    [unowned > 0, `Who owns ${unowned === 1 ? 'one open action' : `${unowned} open actions`}`],
    [undated > 0, `When ${undated === 1 ? 'one open action is' : `${undated} open actions are`} due`],
    [rows.strategies.length === 0, 'What has been tried'],
    [rows.issues.length === 0, 'What the current issues are'],
  ]
  const missing = checks.filter(([isMissing]) => isMissing).map(([, words]) => words)
  const quiet = dateText(next?.['quiet_since'])
  return next && quiet === '' ? [...missing, 'When anything last happened: nothing any agency said is dated'] : missing
}
