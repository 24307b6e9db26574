import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { unreadableCodes } from '../landing/unreadable.ts'
import { query, run, textIn } from '../statement.ts'

/**
 * Which delivery holds for each person of a feed: `holding` (feed, owner, local_id, delivery, delivered_on, rank,
 * record_base, is_held_over). Needs `feeds` and `ranked_deliveries`.
 *
 * - It is the newest one that told of the person: a partial extract replaces what the feed said of the people in it.
 * - A full extract without the person ends it, unless it names the person in a record that was set aside: what was known
 *   stays in force until that record is put right (`is_held_over`). Nobody drops off the register in silence.
 *
 * `record_base` keeps the records of a feed's several deliveries apart, for their row numbers.
 */
export async function findHolding(connection: DuckDBConnection): Promise<void> {
  await findTold(connection)
  await findNamed(connection)
  await run(
    connection,
    'find which delivery holds for whom',
    `create or replace temp table holding as
    with
    newest as (select feed, local_id, max(rank) as rank from told group by feed, local_id),
    fulls as (
        select *, row_number() over (partition by feed order by rank desc) as from_the_end
        from ranked_deliveries
        where extract = 'full'
    ),
    passed as (
        select
            newest.feed, newest.local_id, newest.rank,
            coalesce((max(fulls.from_the_end)), 0) as fulls
        from newest
        left join fulls on fulls.feed = newest.feed and fulls.rank > newest.rank
        group by newest.feed, newest.local_id, newest.rank
    ),
    naming as (
        select
            newest.feed, newest.local_id,
            count(*) as deliveries, count(*) filter (where deliveries.extract = 'full') as fulls
        from newest
        join (select distinct feed, delivery, local_id from named) as named on named.feed = newest.feed and named.local_id = newest.local_id
        join ranked_deliveries as deliveries on deliveries.delivery = named.delivery and deliveries.rank > newest.rank
        group by newest.feed, newest.local_id
    )
    select
        passed.feed, deliveries.owner, passed.local_id, deliveries.delivery, deliveries.delivered_on, passed.rank,
        coalesce(naming.deliveries, 0) > 0 as is_held_over
    from passed
    join ranked_deliveries as deliveries using (feed, rank)
    left join naming using (feed, local_id)
    where passed.fulls = coalesce(naming.fulls, 0)`,
  )
  await giveRecordBases(connection)
}

/** Whom each delivery tells of in accepted records; where the feed has people, it is their own row that counts. */
async function findTold(connection: DuckDBConnection): Promise<void> {
  const others = readDictionary()
    .filter(({ name }) => name !== 'people')
    .map(({ name }) => ofTable(name, 'feeds.owner <> feeds.feed'))
  await run(
    connection,
    'find whom deliveries tell of',
    `create or replace temp table told as
    ${[ofTable('people', 'true'), ...others].join('\n    union\n    ')}`,
  )
}

function ofTable(table: string, where: string): string {
  return `select distinct deliveries.feed, landed.local_id, deliveries.rank
    from landing.landed_${table} as landed
    join ranked_deliveries as deliveries using (delivery)
    join feeds on feeds.feed = deliveries.feed
    where ${where}`
}

/** Whom the records that were set aside are about; of one that cannot be read, its words are all that is known. */
async function findNamed(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find whom records set aside name',
    `create or replace temp table named as
    with
    words as (
        select quarantine.delivery, quarantine.sheet, quarantine.record, unnest(list_distinct(regexp_split_to_array(quarantine.said, '[\\s,;|"''{}:\\[\\]]+'))) as local_id
        from landing.quarantine as quarantine
        semi join (from landing.faults where code in (${unreadableCodes})) as faults using (delivery, sheet, record)
    )
    select deliveries.feed, mentioned.delivery, mentioned.sheet, mentioned.record, mentioned.local_id
    from (
        select delivery, sheet, record, local_id from landing.named
        union
        select delivery, sheet, record, local_id from words
    ) as mentioned
    join ranked_deliveries as deliveries using (delivery)
    semi join told on told.feed = deliveries.feed and told.local_id = mentioned.local_id`,
  )
}

async function giveRecordBases(connection: DuckDBConnection): Promise<void> {
  const lasts = readDictionary().map(
    ({ name }) => `select delivery, max(record) as last from landing.landed_${name} group by delivery`,
  )
  await run(connection, 'keep records of several deliveries apart', `alter table holding add column record_base bigint`)
  await run(
    connection,
    'keep records of several deliveries apart',
    `update holding set record_base = bases.base
    from (
        select delivery, coalesce(sum(last) over (partition by feed order by rank rows between unbounded preceding and 1 preceding), 0) as base
        from (
            select holding.feed, holding.rank, holding.delivery, lasts.last
            from (select distinct feed, rank, delivery from holding) as holding
            join (select delivery, max(last) as last from (${lasts.join(' union all ')}) group by delivery) as lasts using (delivery)
        )
    ) as bases
    where bases.delivery = holding.delivery`,
  )
  await requireRoom(connection, lasts)
}

/** A row number holds 25 bits of record: one more would be the number of another feed's row, and nobody would see it. */
async function requireRoom(connection: DuckDBConnection, lasts: readonly string[]): Promise<void> {
  const [row] = await query(
    connection,
    'see whether rows can be numbered',
    `select min(holding.feed) as feed
    from (select distinct feed, delivery, record_base from holding) as holding
    join (${lasts.join(' union all ')}) as lasts using (delivery)
    where holding.record_base + lasts.last >= ${lastRecord}`,
  )
  if (textIn(row, 'feed') === '') return
  throw new DsrError(
    'input',
    `${textIn(row, 'feed')}: its extracts in force hold more than ${lastRecord.toLocaleString('en-GB')} records, which the register cannot number.`,
    'Ask the agency for a new full extract in place of the many partial ones, or part the feed in two.',
  )
}

const lastRecord = 2 ** 25
