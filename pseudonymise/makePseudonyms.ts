import type { DuckDBConnection } from '@duckdb/node-api'
import { deriveKey } from '../store/keys.ts'
import { bindHmacKey, forgetHmacKey, hmacSql } from '../store/hmac.ts'
import { validNhsNumberSql } from './nhsNumberSql.ts'
import { runSql } from './runSql.ts'

/** In the message and in the prefix: a new key means a new version and a full rebuild (security.md PS-07). */
const keyVersion = 1

/** What each derived key is for; different labels give unrelated keys (security.md PS-02). */
const keyLabels = { pseudonym: 'stored-pseudonym', record: 'record-key', audit: 'audit-ref' } as const

/** 128 bits of the 256 are kept (security.md PS-01). */
const keptHexDigits = 32

export interface PseudonymCounts {
  readonly people: number
  /** People without a valid NHS number: their pseudonym rests on the person id and is labelled `p1x_`. */
  readonly withoutNumber: number
}

/**
 * Fills `register.main.pseudonyms` (person_id, pseudonym, record_key, audit_ref) for everyone in the register file, people
 * known only by a statutory inpatient feed included. Each person is hashed once; the other tables join by person id.
 *
 * - pseudonym: `p1_` + 32 hex of HMAC(domain tag, version, NHS number): the same in every run and for every agency.
 *   Without a number `p1x_` over the person id, so that blanks never become one person (security.md PS-06).
 * - record_key: 0 to 255, from the pseudonym (statistics.md, cell keys).
 * - audit_ref: `a1_` + 32 hex, from the person id, which outlives the arrival of an NHS number.
 */
export async function makePseudonyms(connection: DuckDBConnection, key: Buffer): Promise<PseudonymCounts> {
  for (const [name, label] of Object.entries(keyLabels)) await bindHmacKey(connection, name, deriveKey(key, label))
  try {
    await runSql(connection, 'making pseudonyms', pseudonymsSql)
  } finally {
    for (const name of Object.keys(keyLabels)) await forgetHmacKey(connection, name)
  }
  const counts = await countPeople(connection)
  await storePseudonyms(connection)
  return counts
}

const version = `v${keyVersion}`
const kept = (hexSql: string): string => `left(${hexSql}, ${keptHexDigits})`

const pseudonymsSql = `
create or replace temp table made_pseudonyms as
with

numbers as (
    select person_id, nhs_number from register.main.persons
    union all
    select person_id, nhs_number from register.main.statutory_admissions
),

identities as (
    select person_id, max(${validNhsNumberSql('nhs_number')}) as nhs_number
    from numbers
    group by person_id
),

pseudonymised as (
    select
        person_id,
        case
            when nhs_number is null
                then 'p${keyVersion}x_' || ${kept(hmacSql('pseudonym', `'dsr/pseudonym/${version}/person|' || person_id`))}
            else 'p${keyVersion}_' || ${kept(hmacSql('pseudonym', `'dsr/pseudonym/${version}|' || nhs_number`))}
        end as pseudonym
    from identities
)

select
    person_id,
    pseudonym,
    cast('0x' || left(${hmacSql('record', `'dsr/record-key/${version}|' || pseudonym`)}, 2) as smallint) as record_key,
    'a${keyVersion}_' || ${kept(hmacSql('audit', `'dsr/audit-ref/${version}|' || person_id`))} as audit_ref
from pseudonymised`

/** Two people under one pseudonym would be a wrong merge of their histories: the run stops rather than publish it. */
async function countPeople(connection: DuckDBConnection): Promise<PseudonymCounts> {
  const [row] = await runSql(
    connection,
    'counting pseudonyms',
    `select
        count(*) as people,
        count(distinct pseudonym) as pseudonyms,
        count(*) filter (where pseudonym like 'p_x%') as without_number,
        count(*) filter (where person_id is null) as without_id
    from made_pseudonyms`,
  )
  const people = Number(row?.['people'])
  const shared = people - Number(row?.['pseudonyms'])
  if (shared > 0)
    throw new Error(`${shared} people share a pseudonym with another: ingest left one NHS number with two persons`)
  if (Number(row?.['without_id']) > 0) throw new Error('a row of the register has no person id')
  return { people, withoutNumber: Number(row?.['without_number']) }
}

/** Replaces what an earlier try of this run wrote, in one transaction. */
async function storePseudonyms(connection: DuckDBConnection): Promise<void> {
  const statements = [
    'create table if not exists register.main.pseudonyms (person_id varchar, pseudonym varchar, record_key smallint, audit_ref varchar)',
    'begin transaction',
    'delete from register.main.pseudonyms',
    `insert into register.main.pseudonyms (person_id, pseudonym, record_key, audit_ref)
    select person_id, pseudonym, record_key, audit_ref from made_pseudonyms order by person_id`,
    'commit',
  ]
  for (const statement of statements) await runSql(connection, 'keeping pseudonyms in the register', statement)
}
