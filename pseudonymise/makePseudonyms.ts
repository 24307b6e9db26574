import type { DuckDBConnection } from '@duckdb/node-api'
import { deriveKey, type KeyGeneration } from '../store/keys.ts'
import { bindHmacKey, forgetHmacKey, hmacSql } from '../store/hmac.ts'
import { validNhsNumberSql } from './nhsNumberSql.ts'
import { runSql } from './runSql.ts'

/** What each derived key is for; different labels give unrelated keys (security.md PS-02). */
export const keyLabels = { pseudonym: 'stored-pseudonym', record: 'record-key', audit: 'audit-ref' } as const

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
 * - pseudonym: `p1_` + 32 hex of HMAC(domain tag, version, NHS number): the same in every run and for every agency. Another
 *   version of the key gives `p2_` (security.md PS-07). Without a number `p1x_` over the person id, so that blanks never
 *   become one person (security.md PS-06).
 * - record_key: 0 to 255, from the NHS number or the person id (statistics.md, cell keys).
 * - audit_ref: `a1_` + 32 hex, from the person id, which outlives the arrival of an NHS number.
 *
 * The last two outlive a rotation of the key (store/keys.ts, KeptKeys).
 */
export async function makePseudonyms(
  connection: DuckDBConnection,
  key: Buffer,
  generation: KeyGeneration,
): Promise<PseudonymCounts> {
  const keys = namedKeys(key, generation)
  for (const [name, named] of Object.entries(keys)) await bindHmacKey(connection, name, named)
  try {
    await runSql(connection, 'making pseudonyms', pseudonymsSql(generation))
  } finally {
    for (const name of Object.keys(keys)) await forgetHmacKey(connection, name)
  }
  const counts = await countPeople(connection)
  await storePseudonyms(connection)
  return counts
}

function namedKeys(key: Buffer, { kept }: KeyGeneration): Readonly<Record<keyof typeof keyLabels, Buffer>> {
  return {
    pseudonym: deriveKey(key, keyLabels.pseudonym),
    record: kept?.record ?? deriveKey(key, keyLabels.record),
    audit: kept?.audit ?? deriveKey(key, keyLabels.audit),
  }
}

const firstDigits = (hexSql: string): string => `left(${hexSql}, ${keptHexDigits})`

function pseudonymsSql({ version, kept }: KeyGeneration): string {
  const oldest = kept?.version ?? version
  return `
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
)

select
    person_id,
    case
        when nhs_number is null
            then 'p${version}x_' || ${firstDigits(hmacSql('pseudonym', `'dsr/pseudonym/v${version}/person|' || person_id`))}
        else 'p${version}_' || ${firstDigits(hmacSql('pseudonym', `'dsr/pseudonym/v${version}|' || nhs_number`))}
    end as pseudonym,
    cast(
        '0x' || left(${hmacSql('record', `'dsr/record-key/v${oldest}|' || coalesce(nhs_number, 'person|' || person_id)`)}, 2)
        as smallint
    ) as record_key,
    'a${oldest}_' || ${firstDigits(hmacSql('audit', `'dsr/audit-ref/v${oldest}|' || person_id`))} as audit_ref,
    date_of_birth
from identities
left join (select person_id, date_of_birth from register.main.people) as births using (person_id)`
}

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
