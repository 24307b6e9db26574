import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import type { Settings } from '../../register/settings.ts'
import type { Contract } from '../contract.ts'
import type { StagedDelivery } from '../stage/stageDelivery.ts'
import { numberIn, query, textIn } from '../statement.ts'

/** What somebody decided to take although it looks wrong: the next files of this feed, for this reason. */
export interface Acceptance {
  readonly feed: string
  readonly reason: string
}

/** Below this many records a feed's count may well double or halve in a month. */
const fewRecords = 20

/**
 * Whether a staged delivery looks like one that failed or came out of turn: older than what the feed has told since, a
 * second full extract of one day, without any record, or with a count far from the last full one's. All reasons at once.
 * @param landedNow - deliveries of this run: files that waited together are not out of turn for each other
 * @returns why it was taken all the same; null where nothing stood against it
 * @throws DsrError 'input' unless it was accepted for its feed
 */
export async function refuseDelivery(
  connection: DuckDBConnection,
  settings: Settings,
  contract: Contract,
  delivery: string,
  staged: StagedDelivery,
  landedNow: readonly string[],
  accept: Acceptance | null,
): Promise<string | null> {
  if (await isKnown(connection, delivery)) return null
  const last = await findLast(connection, contract, delivery, staged, landedNow)
  const records = staged.tallies.reduce((sum, tally) => sum + tally.read, 0)
  const refusals = [
    ...(records === 0 ? ['The file holds no record: most likely an extract that failed.'] : []),
    ...outOfTurn(staged.deliveredOn, contract, last),
    ...farFromLast(settings, contract, records, last),
  ]
  if (refusals.length === 0) return null
  if (accept?.feed === contract.feed) return accept.reason
  throw new DsrError(
    'input',
    refusals.join(' '),
    `Ask the agency. If it is right as it is: dsr run --accept ${contract.feed} --reason "…"`,
  )
}

async function isKnown(connection: DuckDBConnection, delivery: string): Promise<boolean> {
  const sql = 'select 1 as found from landing.deliveries where delivery = $delivery'
  return (await query(connection, 'look for a delivery', sql, { delivery })).length > 0
}

interface Last {
  /** Newest day of which the feed has told in an earlier run; '' where there is none. */
  readonly newestDay: string
  /** Whether there is another full extract of the same day. */
  readonly hasTwin: boolean
  /** Records of the last full extract; null where there is none. */
  readonly records: number | null
}

async function findLast(
  connection: DuckDBConnection,
  contract: Contract,
  delivery: string,
  staged: StagedDelivery,
  landedNow: readonly string[],
): Promise<Last> {
  const [row] = await query(
    connection,
    'compare with earlier deliveries',
    `with
    others as (from landing.deliveries where feed = $feed and delivery <> $delivery)
    select
        (select strftime(max(delivered_on), '%Y-%m-%d') from others where not contains($now, delivery)) as newest_day,
        exists (from others where extract = 'full' and delivered_on = cast($day as date)) as has_twin,
        (
            select sum(rows_read)
            from landing.tallies
            where delivery = (
                select arg_max(delivery, (delivered_on, file_name, digest))
                from others
                where extract = 'full' and delivered_on <= cast($day as date)
            )
        ) as records`,
    { feed: contract.feed, delivery, now: landedNow.join(' '), day: staged.deliveredOn },
  )
  return {
    newestDay: textIn(row, 'newest_day'),
    hasTwin: row?.['has_twin'] === true,
    records: row?.['records'] === null ? null : numberIn(row, 'records'),
  }
}

function outOfTurn(day: string, { extract }: Contract, { newestDay, hasTwin }: Last): readonly string[] {
  if (day < newestDay) return [`The extract is of ${day}, but the feed has told of ${newestDay} already.`]
  if (extract === 'full' && hasTwin) return [`There is another full extract of ${day} with other content.`]
  return []
}

function farFromLast(
  { count_change_limit: limit }: Settings,
  { extract }: Contract,
  records: number,
  last: Last,
): readonly string[] {
  if (extract !== 'full' || records === 0 || last.records === null || last.records < fewRecords) return []
  if (records * limit >= last.records && records <= last.records * limit) return []
  return [
    `The file holds ${records} records, the last full one held ${last.records}: further apart than count_change_limit (${limit} times) allows.`,
  ]
}
