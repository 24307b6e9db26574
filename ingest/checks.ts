/**
 * Every check of a delivered record: what it is called, what it does to the record, what the agency is told and how it
 * can put it right. `register/codes/check_codes.csv` lists the same codes (a test compares them).
 * A sentence gives the expected shape; it never quotes what was found.
 */
export interface Check {
  readonly code: string
  /** reject: the record goes to quarantine. warn: it is kept and flagged. duplicate: it is counted and set aside. */
  readonly severity: 'reject' | 'warn' | 'duplicate'
  readonly sentence: string
  readonly remedy: string
}

const list = [
  {
    code: 'wrong_number_of_columns',
    severity: 'reject',
    sentence: 'The record has more or fewer columns than the heading.',
    remedy: 'Put speech marks around a value that holds the separator, then send the file again.',
  },
  {
    code: 'stray_quote',
    severity: 'reject',
    sentence: 'A speech mark is never closed, or its value goes on after it.',
    remedy: 'Double each speech mark inside a value, then send the file again.',
  },
  {
    code: 'broken_line',
    severity: 'reject',
    sentence: 'The line is not a whole JSON object; it may be cut off.',
    remedy: 'Send the record again.',
  },
  {
    code: 'over_long_record',
    severity: 'reject',
    sentence: 'The record, or one value in it, is longer than the contract allows (100,000 characters a value).',
    remedy: 'Look for a speech mark that is never closed, or shorten the notes; limits: cell_characters raises it.',
  },
  {
    code: 'too_many_parts',
    severity: 'reject',
    sentence: 'A list in the record has more than 16,000 entries.',
    remedy: 'Split the list over several records.',
  },
  {
    code: 'text_not_in_declared_encoding',
    severity: 'reject',
    sentence: 'The text holds a letter that is not in the encoding that the contract declares.',
    remedy: 'Save the record in that encoding, or correct read.encoding in the contract.',
  },
  {
    code: 'control_characters',
    severity: 'warn',
    sentence: 'The record holds invisible control characters; a space was put in their place.',
    remedy: 'Remove them at the source.',
  },
  {
    code: 'over_long_text',
    severity: 'reject',
    sentence: 'The text is longer than the register takes (500 characters, 20,000 for a note).',
    remedy: 'Shorten it, or check that columns have not run together.',
  },
  {
    code: 'required_value_missing',
    severity: 'reject',
    sentence: 'A value that the register cannot do without is missing.',
    remedy: 'Fill it in and send the record again.',
  },
  {
    code: 'date_not_understood',
    severity: 'reject',
    sentence: 'The date is not written in any of the ways that the contract names.',
    remedy: 'Write it so, or add the way it is written to dates in the contract.',
  },
  {
    code: 'impossible_date',
    severity: 'reject',
    sentence: 'The date does not exist, or is before 1900.',
    remedy: 'Correct the date and send the record again.',
  },
  {
    code: 'date_in_future',
    severity: 'reject',
    sentence: 'The date of something that has happened is after the day of the extract.',
    remedy: 'Correct the date; a booked review belongs in the next review date.',
  },
  {
    code: 'date_before_birth',
    severity: 'reject',
    sentence: 'The date is before the person’s date of birth.',
    remedy: 'Correct whichever of the two dates is wrong.',
  },
  {
    code: 'dates_out_of_order',
    severity: 'reject',
    sentence: 'This date is before the one that it has to follow.',
    remedy: 'Correct whichever of the two dates is wrong.',
  },
  {
    code: 'nhs_number_not_ten_digits',
    severity: 'reject',
    sentence: 'The NHS number does not have ten digits.',
    remedy: 'Correct it, or leave it empty where it is not known.',
  },
  {
    code: 'nhs_number_check_digit',
    severity: 'reject',
    sentence: 'The NHS number does not pass its check digit: a digit is wrong or two are swapped.',
    remedy: 'Correct it, or leave it empty where it is not known.',
  },
  {
    code: 'nhs_number_repeated_digits',
    severity: 'reject',
    sentence: 'The NHS number is one digit ten times over: nobody has that number.',
    remedy: 'Correct it, or leave it empty where it is not known.',
  },
  {
    code: 'nhs_number_of_another_person',
    severity: 'reject',
    sentence: 'An earlier record has the same NHS number with another name and date of birth.',
    remedy: 'Find out whose number it is and correct the other record.',
  },
  {
    code: 'nhs_number_also_of_another',
    severity: 'warn',
    sentence: 'A later record has the same NHS number with another name and date of birth; that one is held back.',
    remedy: 'Find out whose number it is and correct the other record.',
  },
  {
    code: 'code_not_in_list',
    severity: 'reject',
    sentence: 'The word or code is not one that the contract translates or the register’s list holds.',
    remedy: 'Correct it, or add its translation to codes in the contract.',
  },
  {
    code: 'number_not_understood',
    severity: 'reject',
    sentence: 'The value is not a whole number.',
    remedy: 'Write it in digits.',
  },
  {
    code: 'yes_no_not_understood',
    severity: 'reject',
    sentence: 'The value is neither yes nor no.',
    remedy: 'Write yes or no, or add the word to codes in the contract.',
  },
  {
    code: 'postcode_not_understood',
    severity: 'warn',
    sentence: 'The postcode does not have the shape of one.',
    remedy: 'Correct it at the source.',
  },
  {
    code: 'area_code_not_understood',
    severity: 'warn',
    sentence: 'The area code does not have the shape of an LSOA of 2021; it was left empty.',
    remedy: 'Correct it at the source.',
  },
  {
    code: 'organisation_code_not_understood',
    severity: 'warn',
    sentence: 'The organisation code does not have the shape of an ODS code; it was left empty.',
    remedy: 'Correct it at the source.',
  },
  {
    code: 'parent_row_missing',
    severity: 'reject',
    sentence: 'The row belongs to a person who is not among the people of this extract.',
    remedy: 'Send the person too, or correct the number that links them.',
  },
  {
    code: 'local_id_of_another_person',
    severity: 'reject',
    sentence: 'An earlier record has the same local number with another NHS number or date of birth.',
    remedy: 'Give each person a number of their own.',
  },
  {
    code: 'basis_missing',
    severity: 'warn',
    sentence: 'The record says nothing about consent; without a basis the person is not on the register.',
    remedy: 'Record the basis and the day of the decision, or ask for the decision.',
  },
  {
    code: 'basis_not_for_age',
    severity: 'warn',
    sentence: 'The consent basis does not fit the age on the day of the decision.',
    remedy: 'Correct basis, day or date of birth, or have the decision taken anew on a basis for that age.',
  },
  {
    code: 'basis_overtaken',
    severity: 'warn',
    sentence: 'A 16th or 18th birthday has taken the ground from the consent basis.',
    remedy: 'Ask for a decision on a basis for the age that the person has now.',
  },
  {
    code: 'duplicate_record',
    severity: 'duplicate',
    sentence: 'The record is the same, letter for letter, as an earlier one of this file.',
    remedy: 'Nothing is lost; remove the double at the source.',
  },
  {
    code: 'duplicate_of_earlier',
    severity: 'duplicate',
    sentence: 'The record says just what an earlier extract of the feed said.',
    remedy: 'Nothing is lost; a partial extract need not repeat what has not changed.',
  },
] as const satisfies readonly Check[]

export type CheckCode = (typeof list)[number]['code']

export const checks: readonly Check[] = list

const byCode = new Map<string, Check>(list.map((check) => [check.code, check]))

/** The check of a code; an unknown code is our bug. */
export function checkOf(code: string): Check {
  const check = byCode.get(code)
  if (!check) throw new Error('unknown check code')
  return check
}

/** Dates that may lie ahead: plans and appointments. Every other date is of something that has happened. */
export const plannedDates: ReadonlySet<string> = new Set([
  'consents.review_due',
  'professionals.to_date',
  'reviews.next_due_stated',
  'actions.need_date',
  'actions.due_date',
  'cetrs.due_date',
  'admissions.planned_discharge_date',
])

/** Pairs of dates of one row, earlier first. */
export const orderedDates: readonly { readonly table: string; readonly earlier: string; readonly later: string }[] = [
  { table: 'people', earlier: 'date_of_birth', later: 'deceased_date' },
  { table: 'entries', earlier: 'referral_date', later: 'triage_date' },
  { table: 'entries', earlier: 'referral_date', later: 'accepted_date' },
  { table: 'entries', earlier: 'accepted_date', later: 'closed_date' },
  { table: 'professionals', earlier: 'from_date', later: 'to_date' },
  { table: 'issues', earlier: 'noted_date', later: 'ended_date' },
  { table: 'actions', earlier: 'raised_date', later: 'done_date' },
  { table: 'admissions', earlier: 'admitted', later: 'discharged' },
  { table: 'escalations', earlier: 'date', later: 'closed_date' },
]
