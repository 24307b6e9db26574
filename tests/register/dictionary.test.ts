import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'
import { hasCodes } from '../../register/readCodes.ts'
import { readDictionary } from '../../register/readDictionary.ts'

/** The register's fields (domain.md 5.3). `agency` of a professional is two here: its kind, and its name as sent. */
const expected: Readonly<Record<string, string>> = {
  people:
    'local_id nhs_number family_name given_name preferred_name other_names date_of_birth sex_code gender_identity_code ethnic_code address_lines postcode lsoa21 address_sensitive phone gp_ods ld_status autism_status other_diagnoses communication_needs reasonable_adjustments interpreter accommodation_code education_setting ehcp looked_after responsible_icb_ods responsible_utla_gss residence_utla_gss host_icb_ods placing_icb_ods out_of_area national_data_opt_out deceased_date',
  entries:
    'register_scope referral_date referrer_role referral_reason indicative_rating triage_date decision rejection_reason accepted_date closed_date closure_reason keyworker escalation_level',
  consents:
    'basis given_by_role decision_date capacity_assessed_date assessor_role best_interest_date deputy_or_order review_due withdrawn_date refused_date evidence_reference',
  professionals:
    'name role agency_kind agency_name phone email is_lead is_keyworker is_advocate advocate_type from_date to_date last_contact',
  ratings: 'rating effective_from tool score set_by_role reason',
  reviews: 'held_on kind attendee_agencies summary next_due_stated',
  issues: 'noted_date relates_to note theme_code ended_date',
  strategies: 'date note strategy_code positive outcome',
  suggestions: 'date note strategy_code service_code',
  actions:
    'raised_date description service_code current_or_potential need_date state unavailable_reason owner_name owner_agency due_date done_date',
  cetrs: 'kind due_date held_on outcome recommendations recommendations_done',
  admissions:
    'admitted discharged provider_ods ward_security bed_type mha_code planned source reasons on_register_before_stated distance_km planned_discharge_date delay_reasons destination transfer_of',
  escalations: 'date level forum reason outcome closed_date',
  safety: 'crisis_plan_date safeguarding_open restrictions police_flag',
}

const dictionary = readDictionary()
const fields = dictionary.flatMap((table) => table.fields.map((field) => ({ table: table.name, ...field })))

/** The dictionary with one field of `table` declared differently. */
function dictionaryWith(table: string, from: string, to: string): () => unknown {
  const source = join(projectRoot, 'register/dictionary')
  const folder = mkdtempSync(join(tmpdir(), 'dsr-dictionary-'))
  for (const file of readdirSync(source)) {
    const text = readFileSync(join(source, file), 'utf8')
    if (file === `${table}.yml` && !text.includes(from)) throw new Error(`${file} does not hold: ${from}`)
    writeFileSync(join(folder, file), file === `${table}.yml` ? text.replace(from, to) : text)
  }
  return () => readDictionary(folder)
}

describe('the dictionary', () => {
  it('declares every table and field of the register, and no other', () => {
    const declared = Object.fromEntries(
      dictionary.map((table) => [table.name, table.fields.map((field) => field.name)]),
    )
    const names = Object.fromEntries(Object.entries(expected).map(([table, list]) => [table, list.split(' ')]))
    expect(declared).toEqual(names)
  })

  it('names only code lists that exist', () => {
    const lists = fields.flatMap((field) => (field.codes === undefined ? [] : [field.codes]))
    expect(lists.length).toBeGreaterThan(30)
    expect(lists.filter((list) => !hasCodes(list))).toEqual([])
  })

  it('keeps no direct identifier and no free text', () => {
    const kept = fields.filter((field) => field.treatment === 'keep')
    expect(kept.filter((field) => ['direct', 'text'].includes(field.identifies)).map((field) => field.name)).toEqual([])
    expect(kept.filter((field) => ['text', 'texts', 'note', 'nhs_number', 'postcode'].includes(field.type))).toEqual([])
  })

  it('bands each row at a date of its own table', () => {
    const wrong = dictionary.filter(({ eventDate, fields }) => {
      return eventDate !== null && !fields.some((field) => field.name === eventDate && field.type === 'date')
    })
    expect(wrong.map((table) => table.name)).toEqual([])
    expect(dictionary.filter((table) => table.eventDate === null).map((table) => table.name)).toEqual(['people'])
  })

  it('refuses to keep a note', () => {
    const declare = dictionaryWith(
      'suggestions',
      'type: note, identifies: text, treatment: drop',
      'type: note, identifies: text, treatment: keep',
    )
    expect(declare).toThrow('type note cannot be kept')
  })

  it('refuses to keep a birth date', () => {
    expect(dictionaryWith('people', 'treatment: age_band', 'treatment: keep')).toThrow(
      'a direct identifier cannot be kept',
    )
  })

  it('refuses a code without a list', () => {
    expect(dictionaryWith('ratings', 'type: code, codes: ratings', 'type: code')).toThrow('goes with a code list')
  })

  it('refuses a property it does not know', () => {
    expect(dictionaryWith('safety', 'identifies: criminal', 'identifies: criminal, kept: yes')).toThrow('safety.yml')
  })
})
