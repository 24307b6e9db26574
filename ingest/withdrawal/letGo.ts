import type { DuckDBConnection } from '@duckdb/node-api'
import { readDictionary } from '../../register/readDictionary.ts'
import type { Contract } from '../contract.ts'
import type { RawTable } from '../read/readRaw.ts'
import { numberIn, query, run } from '../statement.ts'
import { identityDigestsSql, isSamePersonSql, withDigestKey, wordDigestsSql } from './digests.ts'
import { ownerOf } from './ownerOf.ts'

/**
 * Lets go of what a staged delivery says of people who withdrew, before it is landed: agencies go on sending them, and
 * nothing of them is to be kept. A consent that was decided after the withdrawal brings the person back: the tombstone is
 * marked as superseded. Works on the temporary tables of stageDelivery; the counts of the file stay as they are.
 * @returns how many records were let go
 */
export async function letGo(
  connection: DuckDBConnection,
  storeKey: Buffer,
  contract: Contract,
  raw: readonly RawTable[],
): Promise<number> {
  const [row] = await query(
    connection,
    'look for tombstones',
    'select count(*) as active from landing.tombstones where superseded_on is null',
  )
  if (numberIn(row, 'active') === 0) return 0
  await withDigestKey(connection, storeKey, () => findWithdrawn(connection, contract))
  await bringBack(connection)
  await learnDigests(connection)
  await withDigestKey(connection, storeKey, () => findRecords(connection, contract, raw))
  return removeRecords(connection, raw)
}

const details = (): readonly string[] =>
  readDictionary()
    .map(({ name }) => name)
    .filter((name) => name !== 'people')

/** Which people of the file have a tombstone; rows without their person are known by the agency's number alone. */
async function findWithdrawn(connection: DuckDBConnection, contract: Contract): Promise<void> {
  const orphans = details().map((table) => `select distinct local_id from staged_${table} where local_id is not null`)
  await run(
    connection,
    'find people who withdrew',
    `create or replace temp table withdrawn as
    with
    people as (
        select sheet, record, local_id, nhs_number, family_name, given_name, date_of_birth, postcode from staged_people
        union all by name
        select local_id from (${orphans.join(' union ')}) as orphans
        anti join (from staged_people where local_id is not null) as staged using (local_id)
    ),
    said as (select sheet, record, local_id, ${identityDigestsSql('$feed')} from people)
    select said.*, tombstones.withdrawal, tombstones.withdrawn_on
    from said
    join landing.tombstones as tombstones on tombstones.superseded_on is null and ${isSamePersonSql}`,
    { feed: ownerOf(contract) },
  )
}

/** Of an accepted record, a basis decided after the withdrawal; on the same day the withdrawal comes first. */
async function bringBack(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find newer consents',
    `create or replace temp table returned as
    select withdrawn.withdrawal, min(consents.decision_date) as returned_on
    from withdrawn
    join (from staged_consents anti join set_aside using (sheet, record)) as consents using (local_id)
    where consents.basis between 'K01' and 'K08' and consents.decision_date > withdrawn.withdrawn_on
    group by withdrawn.withdrawal`,
  )
  await run(
    connection,
    'mark tombstones as superseded',
    `update landing.tombstones set superseded_on = returned.returned_on
    from returned where returned.withdrawal = tombstones.withdrawal and tombstones.superseded_on is null`,
  )
}

/** What this agency calls the person becomes part of the tombstone, as if its extract had come before the withdrawal. */
async function learnDigests(connection: DuckDBConnection): Promise<void> {
  const digests = ['number', 'local', 'names', 'born', 'likeness'].map((name) => `${name}_digest`)
  const kept = (from: string, names: readonly string[]): string => names.map((name) => `${from}.${name}`).join(', ')
  await run(
    connection,
    'add digests to tombstones',
    `insert into landing.tombstones (withdrawal, person_digest, ${digests.join(', ')}, withdrawn_on, code, source, recorded_on, superseded_on)
    select tombstones.withdrawal, tombstones.person_digest, coalesce(withdrawn.number_digest, tombstones.number_digest), ${kept('withdrawn', digests.slice(1))}, ${kept('tombstones', ['withdrawn_on', 'code', 'source', 'recorded_on', 'superseded_on'])}
    from withdrawn
    join landing.tombstones as tombstones using (withdrawal)
    where withdrawn.record is not null
    except
    select ${['withdrawal', 'person_digest', ...digests, 'withdrawn_on', 'code', 'source', 'recorded_on', 'superseded_on'].join(', ')}
    from landing.tombstones`,
  )
}

/** Every record of those who stay withdrawn: of their rows, and those that cannot be read but name them. */
async function findRecords(connection: DuckDBConnection, contract: Contract, raw: readonly RawTable[]): Promise<void> {
  const rows = details().map(
    (table) => `select sheet, record from staged_${table} where local_id in (select local_id from gone)`,
  )
  const unreadable = raw.map(
    ({ name }, number) =>
      `select ${number} as sheet, record, unnest(regexp_split_to_array(c1, '[\\s,;|"'']+')) as word
      from ${name} where note is not null and note <> 'control_characters'`,
  )
  await run(
    connection,
    'find records of people who withdrew',
    `create or replace temp table let_go as
    with
    gone as (select * from withdrawn anti join returned using (withdrawal)),
    words as (${unreadable.join(' union all ')}),
    said as (select sheet, record, ${wordDigestsSql('$feed', 'word')} from words where word <> '')
    select sheet, record from gone where record is not null
    ${rows.map((sql) => `union ${sql}`).join('\n')}
    union
    select said.sheet, said.record
    from said
    join landing.tombstones as tombstones
        on tombstones.superseded_on is null
        and (said.number_digest = tombstones.number_digest or said.local_digest = tombstones.local_digest)`,
    { feed: ownerOf(contract) },
  )
}

async function removeRecords(connection: DuckDBConnection, raw: readonly RawTable[]): Promise<number> {
  const [row] = await query(connection, 'count records let go', 'select count(*) as records from let_go')
  const records = numberIn(row, 'records')
  if (records === 0) return 0
  const tables = [...readDictionary().map(({ name }) => `staged_${name}`), 'faults', 'set_aside']
  for (const table of tables)
    await run(
      connection,
      'let records go',
      `delete from ${table} where (sheet, record) in (select (sheet, record) from let_go)`,
    )
  for (const [number, { name }] of raw.entries())
    await run(
      connection,
      'let records go',
      `delete from ${name} where record in (select record from let_go where sheet = ${number})`,
    )
  return records
}
