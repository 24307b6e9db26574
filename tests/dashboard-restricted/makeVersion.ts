import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { duckdbType, readDictionary, type TableName } from '../../register/readDictionary.ts'
import { deploymentAt, versionFiles } from '../../store/deployment.ts'
import { openDuckDB, quoteName, type Database } from '../../store/openDuckDB.ts'
import { finishFolder, startFolder, swingPointer } from '../../store/versions.ts'

/** The day that counts as today in these tests. */
export const asOf = '2026-10-31'

/**
 * Four invented people. Ada and Bo are in QOQ, Cy in QF7, Di in QHM; Bo's address is sensitive by one agency's word only.
 * NHS numbers are of the range that is never issued.
 */
export const people = {
  ada: {
    id: 'person-ada',
    ref: 'adaadaadaada',
    given: 'Ada',
    family: 'Quillfeather',
    born: '2009-12-01',
    nhs: '9990000018',
    icb: 'QOQ',
  },
  bo: {
    id: 'person-bo',
    ref: 'bobbobbobbob',
    given: 'Bo',
    family: 'Windermarch',
    born: '1990-03-05',
    nhs: '9990000026',
    icb: 'QOQ',
  },
  cy: {
    id: 'person-cy',
    ref: 'cyacyacyacya',
    given: 'Cy',
    family: 'Ostlethwick',
    born: '1978-07-19',
    nhs: '9990000034',
    icb: 'QF7',
  },
  di: {
    id: 'person-di',
    ref: 'didadidadida',
    given: 'Di',
    family: 'Harrowgrove',
    born: '2001-01-30',
    nhs: '9990000042',
    icb: 'QHM',
  },
} as const

export type PersonName = keyof typeof people

/** A reference of the right shape that no one has. */
export const unknownRef = 'zzzzzzzzzzzz'

export function auditRefOf(name: PersonName): string {
  return `audit-of-${name}`
}

type Values = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Writes `dsr.yml` and an empty store; the keys are the caller's. */
export function makeHome(home: string): void {
  const deployment = deploymentAt(home)
  mkdirSync(deployment.versions, { recursive: true })
  mkdirSync(deployment.releases, { recursive: true })
  writeFileSync(
    deployment.settingsFile,
    `name: Test register\nmade_up: true\nas_of: ${asOf}\nicbs: [QOQ, QF7, QWO, QHM]\n`,
  )
}

/**
 * Builds a version as a run would leave it, with these people, and points `current` at it.
 * @param communication what Ada's page says first, to tell one version from another
 */
export async function makeVersion(
  home: string,
  storeKey: Buffer,
  id: string,
  communication = 'Makaton and photographs',
): Promise<void> {
  const deployment = deploymentAt(home)
  const folder = startFolder(deployment.versions, id)
  const files = versionFiles(folder)
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: storeKey },
      { path: files.warehouse, alias: 'warehouse' },
    ],
    extensions: ['httpfs'],
  })
  await makeTables(database)
  await fillRegister(database, communication)
  await fillMarts(database)
  await database.connection.run('checkpoint register')
  await database.connection.run('checkpoint warehouse')
  await database.connection.run('detach register')
  await database.connection.run('detach warehouse')
  database.close()
  finishFolder(folder)
  swingPointer(deployment.currentPointer, id)
}

const origin =
  'row_id bigint, person_id varchar, feed varchar, feed_agency varchar, delivered_on date, source_row bigint'

async function makeTables({ connection }: Database): Promise<void> {
  for (const table of readDictionary()) {
    const fields = table.fields.map((field) => `${quoteName(field.name)} ${duckdbType(field)}`).join(', ')
    await connection.run(`create table register.main.${quoteName(table.name)} (${origin}, ${fields})`)
  }
  const statements = [
    'create table register.main.agency_records as from register.main.people limit 0',
    'create table register.main.persons (person_id varchar, case_ref varchar, nhs_number varchar, consent_basis varchar, consent_state varchar, consent_decided_on date, grace_ends_on date)',
    'create table register.main.pseudonyms (person_id varchar, pseudonym varchar, record_key smallint, audit_ref varchar)',
    'create table register.main.disagreements (person_id varchar, field varchar, feed varchar, value varchar, recorded_on date, is_used boolean)',
    'create table register.main.feeds (feed varchar, agency_name varchar, agency_kind varchar, basis varchar, delivered_on date, rows_read bigint, rows_accepted bigint, rows_quarantined bigint, rows_duplicate bigint)',
    'create table register.main.quarantine_counts (feed varchar, code varchar, rows bigint)',
    'create table register.main.exclusions (reason varchar, people bigint)',
    'create schema warehouse.reference',
    'create schema warehouse.marts',
    'create table warehouse.reference.settings (name varchar, value varchar)',
    'create table warehouse.marts.mart_worklist (pseudonym varchar, rating varchar, rating_since date, responsible_icb_ods varchar, responsible_utla_gss varchar, residence_utla_gss varchar, age_band varchar, accepted_on date, last_review_on date, due_on date, due_because varchar, due_from_on date, due_rating varchar, days_overdue integer, is_overdue boolean, is_never_reviewed boolean, is_due_in_14_days boolean, consent_state varchar, is_consent_grace_over boolean, quiet_since date, is_inpatient boolean, actions_overdue integer, disagreements integer)',
    'create table warehouse.marts.quality_theme_readings (from_row_id bigint, pseudonym varchar, feed_agency varchar, theme_code varchar, is_recorded boolean, is_found boolean)',
    'create table warehouse.marts.mart_timeline (pseudonym varchar, happened_on date, ended_on date, event varchar, detail varchar, detail_list varchar)',
    'create table warehouse.marts.fct_theme_periods (pseudonym varchar, theme_code varchar, coded_from varchar, first_seen_on date, last_seen_on date, ended_on date)',
    'create table warehouse.marts.measures_monthly (measure varchar, month date, place_kind varchar, place varchar, breakdown_kind varchar, breakdown varchar, people integer, out_of integer, record_key_sum integer)',
  ]
  for (const statement of statements) await connection.run(statement)
}

async function fillRegister(database: Database, communication: string): Promise<void> {
  const { connection } = database
  await connection.run(`insert into warehouse.reference.settings values ('as_of', '${asOf}')`)
  for (const [name, person] of Object.entries(people)) {
    await insert(database, 'register.main.persons', {
      person_id: person.id,
      case_ref: person.ref,
      nhs_number: person.nhs,
      consent_basis: 'K01',
      consent_state: name === 'bo' ? 'lapsed' : 'valid',
      consent_decided_on: '2025-06-01',
      grace_ends_on: name === 'bo' ? '2026-06-29' : null,
    })
    await insert(database, 'register.main.pseudonyms', {
      person_id: person.id,
      pseudonym: pseudonymOf(name),
      record_key: 7,
      audit_ref: auditRefOf(name as PersonName),
    })
    const fields = {
      ...said(person.id),
      local_id: `local-${name}`,
      nhs_number: person.nhs,
      given_name: person.given,
      family_name: person.family,
      date_of_birth: person.born,
      address_lines: `${person.family} House, 1 Larch Rise`,
      postcode: 'ZZ99 3VZ',
      phone: '01632 960101',
      responsible_icb_ods: person.icb,
      ld_status: '1',
      autism_status: '2',
      communication_needs: name === 'ada' ? communication : null,
      reasonable_adjustments: name === 'ada' ? 'Quiet room, one speaker at a time' : null,
    }
    await insert(database, 'register.main.people', fields)
    await insert(database, 'register.main.agency_records', fields)
    if (name === 'bo')
      await insert(database, 'register.main.agency_records', {
        ...fields,
        ...said(person.id, 'trust'),
        address_sensitive: true,
      })
  }
  await insert(database, 'register.main.feeds', feed('council', 'Northmoor Council (made up)', 'A02'))
  await insert(database, 'register.main.feeds', feed('trust', 'Larchfield Trust (made up)', 'A05'))
  await insert(database, 'register.main.quarantine_counts', { feed: 'trust', code: 'nhs_number', rows: 3 })
  await insert(database, 'register.main.exclusions', { reason: 'K91', people: 2 })
  const ada = people.ada.id
  await tell(database, 'entries', ada, {
    referral_date: '2026-01-05',
    decision: 'accepted',
    accepted_date: '2026-01-12',
    keyworker: 'offered',
    referral_reason: 'Placement at risk',
  })
  await tell(database, 'consents', ada, {
    basis: 'K01',
    decision_date: '2025-06-01',
    given_by_role: 'Herself',
    evidence_reference: 'Form 7',
  })
  await tell(database, 'professionals', ada, {
    name: 'Bronagh Tealby',
    role: 'Nurse',
    agency_name: 'Larchfield Trust',
    phone: '01632 960202',
    email: 'bronagh.tealby@example.nhs.uk',
    is_lead: true,
  })
  await tell(database, 'ratings', ada, { rating: 'amber', effective_from: '2026-01-12' })
  await tell(database, 'ratings', ada, { rating: 'red', effective_from: '2026-10-01', reason: 'Two crises in a week' })
  await tell(database, 'reviews', ada, {
    held_on: '2026-10-10',
    kind: 'dsr',
    attendee_agencies: ['A02', 'A05'],
    summary: 'Agreed an intensive support plan',
  })
  await tell(database, 'issues', ada, {
    noted_date: '2026-10-02',
    relates_to: 'admission',
    note: 'Stopped eating with others',
    theme_code: 'T01',
  })
  await tell(database, 'strategies', ada, {
    date: '2026-08-01',
    note: 'Sensory diet',
    strategy_code: 'P01',
    positive: false,
    outcome: 'no',
  })
  await tell(database, 'strategies', ada, {
    date: '2026-05-01',
    note: 'Swimming with her brother',
    strategy_code: 'P02',
    positive: true,
    outcome: 'helped',
  })
  await tell(database, 'suggestions', ada, {
    date: '2026-10-10',
    note: 'A short break each month',
    service_code: 'S01',
  })
  await tell(database, 'actions', ada, {
    raised_date: '2026-10-10',
    description: 'Book the short break',
    service_code: 'S02',
    state: 'waiting',
    due_date: '2026-12-01',
    owner_agency: 'A02',
  })
  await tell(database, 'actions', ada, {
    raised_date: '2026-09-01',
    description: 'Refer to intensive support',
    service_code: 'S01',
    state: 'requested',
    due_date: '2026-10-01',
  })
  await tell(database, 'cetrs', ada, {
    kind: 'community',
    due_date: '2026-10-15',
    held_on: '2026-10-14',
    outcome: 'SUPPORT_IN_COMMUNITY',
  })
  await tell(database, 'admissions', ada, { admitted: '2026-03-01', discharged: '2026-03-20', reasons: [] })
  await tell(database, 'issues', people.bo.id, {
    noted_date: '2026-10-02',
    note: '<script>alert(1)</script> =1+1',
    theme_code: 'T02',
  })
  await insert(database, 'register.main.disagreements', {
    person_id: people.bo.id,
    field: 'address_lines',
    feed: 'trust',
    value: 'Hidden Cottage, 9 Elm Way',
    recorded_on: '2026-10-01',
  })
  await insert(database, 'register.main.disagreements', {
    person_id: people.bo.id,
    field: 'preferred_name',
    feed: 'trust',
    value: 'Bobbie',
    recorded_on: '2026-10-01',
  })
  const readings: readonly (readonly [string, boolean, boolean])[] = [
    ['T02', true, true],
    ['T04', true, false],
    ['T04', true, false],
    ['T06', false, true],
  ]
  for (const [theme_code, is_recorded, is_found] of readings)
    await insert(database, 'warehouse.marts.quality_theme_readings', { theme_code, is_recorded, is_found })
}

async function fillMarts(database: Database): Promise<void> {
  const due = {
    accepted_on: '2026-01-12',
    quiet_since: '2026-10-14',
    is_inpatient: false,
    actions_overdue: 0,
    disagreements: 0,
    residence_utla_gss: null,
  }
  await insert(database, 'warehouse.marts.mart_worklist', {
    ...due,
    pseudonym: pseudonymOf('ada'),
    rating: 'red',
    rating_since: '2026-10-01',
    responsible_icb_ods: 'QOQ',
    last_review_on: '2026-10-10',
    due_on: '2026-10-17',
    due_because: 'last_review',
    due_from_on: '2026-10-10',
    due_rating: 'red',
    days_overdue: 14,
    is_overdue: true,
    is_never_reviewed: false,
    is_due_in_14_days: false,
    consent_state: 'valid',
    actions_overdue: 1,
  })
  await insert(database, 'warehouse.marts.mart_worklist', {
    ...due,
    pseudonym: pseudonymOf('bo'),
    rating: 'green',
    rating_since: '2026-02-01',
    responsible_icb_ods: 'QOQ',
    due_on: '2026-11-05',
    due_because: 'rating_tightened',
    due_from_on: '2026-10-22',
    due_rating: 'amber',
    days_overdue: -5,
    is_overdue: false,
    is_never_reviewed: false,
    is_due_in_14_days: true,
    consent_state: 'lapsed',
    disagreements: 1,
  })
  await insert(database, 'warehouse.marts.mart_worklist', {
    ...due,
    pseudonym: pseudonymOf('cy'),
    rating: 'red',
    rating_since: '2026-09-01',
    responsible_icb_ods: 'QF7',
    due_on: '2026-09-08',
    due_because: 'never_reviewed',
    due_from_on: '2026-09-01',
    due_rating: 'red',
    days_overdue: 53,
    is_overdue: true,
    is_never_reviewed: true,
    is_due_in_14_days: false,
    consent_state: 'valid',
  })
  await insert(database, 'warehouse.marts.mart_worklist', {
    ...due,
    pseudonym: pseudonymOf('di'),
    rating: 'blue',
    rating_since: '2026-10-20',
    responsible_icb_ods: 'QHM',
    due_on: '2026-11-17',
    due_because: 'admission',
    due_from_on: '2026-10-20',
    due_rating: 'blue',
    days_overdue: -17,
    is_overdue: false,
    is_never_reviewed: false,
    is_due_in_14_days: false,
    consent_state: 'valid',
    is_inpatient: true,
  })
  const events = [
    { happened_on: '2026-01-12', ended_on: '2026-09-30', event: 'rating', detail: 'amber', detail_list: 'ratings' },
    { happened_on: '2026-10-01', ended_on: null, event: 'rating', detail: 'red', detail_list: 'ratings' },
    { happened_on: '2026-10-10', ended_on: null, event: 'review', detail: 'dsr', detail_list: 'review_kinds' },
    { happened_on: '2026-10-14', ended_on: null, event: 'cetr', detail: 'community', detail_list: 'cetr_kinds' },
    { happened_on: '2026-03-01', ended_on: '2026-03-20', event: 'admission', detail: null, detail_list: null },
  ]
  for (const event of events)
    await insert(database, 'warehouse.marts.mart_timeline', { pseudonym: pseudonymOf('ada'), ...event })
  await insert(database, 'warehouse.marts.fct_theme_periods', {
    pseudonym: pseudonymOf('ada'),
    theme_code: 'T01',
    coded_from: 'recorded',
    first_seen_on: '2026-10-02',
    last_seen_on: '2026-10-10',
  })
  for (const [index, place] of ['all', 'QOQ', 'QF7', 'QWO', 'QHM'].entries())
    await fillMeasures(database, place, index + 1)
}

/** Every number of a place ends in a digit of its own, so that a number on a page tells where it came from. */
async function fillMeasures(database: Database, place: string, digit: number): Promise<void> {
  const cells: readonly (readonly [string, string, string])[] = [
    ['people', 'none', 'all'],
    ...['red', 'amber', 'green', 'blue'].flatMap((rating) => [
      ['people', 'rating', rating] as const,
      ['overdue', 'rating', rating] as const,
    ]),
    ['overdue', 'none', 'all'],
    ['theme_people', 'theme', 'T01'],
    ['gap_people', 'service', 'S01'],
    ['gap_people', 'service_family_reason', 'F01|U02'],
  ]
  for (const month of ['2026-08-01', '2026-09-01']) {
    for (const [measure, breakdown_kind, breakdown] of cells) {
      const row = { measure, month, place_kind: place === 'all' ? 'all' : 'icb', place, breakdown_kind, breakdown }
      await insert(database, 'warehouse.marts.measures_monthly', {
        ...row,
        people: 3010 + digit,
        out_of: 4010 + digit,
        record_key_sum: 9,
      })
    }
  }
}

function pseudonymOf(name: string): string {
  return `pseudonym-of-${name}`
}

function feed(name: string, agency: string, kind: string): Values {
  return {
    feed: name,
    agency_name: agency,
    agency_kind: kind,
    basis: 'register_consent',
    delivered_on: '2026-10-28',
    rows_read: 10,
    rows_accepted: 6,
    rows_quarantined: 3,
    rows_duplicate: 1,
  }
}

function said(personId: string, by = 'council'): Values {
  return {
    row_id: 1,
    person_id: personId,
    feed: by,
    feed_agency: by === 'council' ? 'A02' : 'A05',
    delivered_on: '2026-10-28',
    source_row: 1,
  }
}

async function tell(database: Database, table: TableName, personId: string, values: Values): Promise<void> {
  await insert(database, `register.main.${table}`, { ...said(personId), ...values })
}

async function insert({ connection }: Database, table: string, values: Values): Promise<void> {
  const names = Object.keys(values)
  const literal = (value: Values[string]): string => {
    if (value === null) return 'null'
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
    return typeof value === 'object' ? `[${value.map(literal).join(', ')}]::varchar[]` : String(value)
  }
  await connection.run(
    `insert into ${table} (${names.map(quoteName).join(', ')}) values (${names.map((name) => literal(values[name] ?? null)).join(', ')})`,
  )
}

/** A fresh folder's path, short enough for a unix socket. */
export function homeIn(folder: string): string {
  return join(folder, 'home')
}
