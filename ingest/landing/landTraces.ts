import type { DuckDBConnection } from '@duckdb/node-api'
import { readDictionary } from '../../register/readDictionary.ts'
import { blocksOf, holdsJson, type Contract } from '../contract.ts'
import type { RawTable } from '../read/readRaw.ts'
import { run } from '../statement.ts'

const quarantined = `(from set_aside where verdict = 'quarantined') as aside`

/**
 * Whom the records in quarantine are about: what was known of them stays in force until the record is put right. A row of
 * a detail sheet holds back itself alone; where the feed has no people of its own, every row names its person.
 */
export async function landNamed(
  connection: DuckDBConnection,
  contract: Contract,
  delivery: string,
  sheets: readonly string[],
): Promise<void> {
  const tables = readDictionary().map(({ name }) => name)
  const telling = blocksOf(contract, 'people').length > 0 ? ['people'] : tables.filter((name) => name !== 'people')
  for (const table of telling) {
    await run(
      connection,
      'land whom records set aside name',
      `insert into landing.named
      select distinct $delivery, sheets.sheet, staged.record, staged.local_id
      from staged_${table} as staged
      semi join ${quarantined} using (sheet, record)
      join ${numberedSheets} on sheets.number = staged.sheet
      where staged.local_id is not null`,
      { delivery, sheets: JSON.stringify(sheets), count: sheets.length },
    )
  }
}

/** SQL: the names of the sheets by their numbers; takes the values `sheets` (JSON) and `count`. */
export const numberedSheets = `(select unnest(from_json($sheets, '["varchar"]')) as sheet, unnest(range($count)) as number) as sheets`

/**
 * Withdrawals and refusals in records that were set aside for another fault: they are heard all the same, for silence would
 * keep a person on the register against their word. A day that is not understood counts as absent. An NHS number that was
 * faulted as another person's is left out: that person did not withdraw. Needs the faults of the delivery in landing.
 */
export async function landHeard(
  connection: DuckDBConnection,
  delivery: string,
  sheets: readonly string[],
): Promise<void> {
  await run(
    connection,
    'land withdrawals and refusals that were set aside',
    `insert into landing.heard by name
    with
    said as (
        select *
        from staged_consents
        semi join ${quarantined} using (sheet, record)
    ),
    decided as (
        select sheet, record, local_id, 'K91' as code, coalesce(withdrawn_date, decision_date) as decided_on
        from said
        where basis = 'K91' or withdrawn_date is not null
        union
        select sheet, record, local_id, 'K92', coalesce(refused_date, decision_date)
        from said
        where basis = 'K92' or refused_date is not null
    ),
    mistaken as (
        select distinct sheets.number as sheet, faults.record
        from landing.faults as faults
        join ${numberedSheets} on sheets.sheet = faults.sheet
        where faults.delivery = $delivery and faults.code = 'nhs_number_of_another_person'
    ),
    said_people as (
        select people.* replace (case when mistaken.record is null then people.nhs_number end as nhs_number)
        from staged_people as people
        left join mistaken using (sheet, record)
    ),
    of_record as (from said_people qualify row_number() over (partition by sheet, record order by slot) = 1),
    of_number as (from said_people where local_id is not null qualify row_number() over (partition by local_id order by sheet, record) = 1)
    select distinct
        $delivery as delivery, decided.record, coalesce(decided.local_id, of_record.local_id, ${ownId}) as local_id,
        ${['nhs_number', 'family_name', 'given_name', 'date_of_birth', 'postcode']
          .map((field) => `coalesce(of_record.${field}, of_number.${field}) as ${field}`)
          .join(', ')},
        decided.code, decided.decided_on, sheets.sheet
    from decided
    left join of_record using (sheet, record)
    left join of_number on of_number.local_id = decided.local_id
    join ${numberedSheets} on sheets.number = decided.sheet`,
    { delivery, sheets: JSON.stringify(sheets), count: sheets.length },
  )
}

/**
 * A record whose own number cannot be read is known by its NHS number; this stands in for the agency's. No agency can have
 * it: reading turns control characters into spaces.
 */
const ownId = `case when of_record.nhs_number is not null then chr(31) || left(sha256($delivery || ':' || decided.sheet || ':' || decided.record), 12) end`

/** A digest of each accepted record of a partial extract: one that says what held already is seen by it. */
export async function landDigests(
  connection: DuckDBConnection,
  contract: Contract,
  delivery: string,
  raws: readonly RawTable[],
): Promise<void> {
  const people = readDictionary().map(
    ({ name }) => `select distinct sheet, record, local_id from staged_${name} where local_id is not null`,
  )
  for (const [number, { name, sheet, headings }] of raws.entries()) {
    const cells = holdsJson(contract) ? 'c1' : `to_json([${headings.map((_, index) => `c${index + 1}`).join(', ')}])`
    await run(
      connection,
      'land digests of records',
      `insert into landing.record_digests
      select $delivery, $sheet, raw.record, people.local_id, md5(cast(${cells} as varchar))
      from ${name} as raw
      join (${people.join(' union ')}) as people on people.sheet = ${number} and people.record = raw.record
      anti join (from set_aside where sheet = ${number}) as aside on aside.record = raw.record`,
      { delivery, sheet },
    )
  }
}
