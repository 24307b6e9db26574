import type { DuckDBConnection } from '@duckdb/node-api'
import type { Contract } from '../contract.ts'
import { ownerOf } from '../withdrawal/ownerOf.ts'
import { run } from '../statement.ts'

/**
 * The deliveries in the order of what they tell, which is not the order in which they came: by the day of the extract,
 * on one day the full one before the partial ones, then by name and content. The register of any set of files is
 * therefore the same whichever came first.
 *
 * Leaves `feeds` (one row per contract; `owner` is the feed whose numbers of people it uses) and `ranked_deliveries`:
 * `is_in_force` for a feed's last full delivery and the partial ones since, `is_current` for the newest of them.
 * @param knownAt - yyyy-mm-dd: only deliveries landed by that day
 */
export async function chooseDeliveries(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  knownAt?: string,
): Promise<void> {
  await listFeeds(connection, contracts)
  await run(
    connection,
    'choose deliveries',
    `create or replace temp table ranked_deliveries as
    with
    known as (
        select deliveries.*, feeds.owner
        from landing.deliveries as deliveries
        join feeds using (feed)
        where cast($known_at as varchar) is null or deliveries.landed_on <= cast($known_at as date)
    ),
    ranked as (
        select *, row_number() over (order by delivered_on, extract = 'partial', file_name, feed, digest) as rank
        from known
    )
    select
        delivery, feed, owner, file_name, delivered_on, extract, rank,
        rank >= coalesce(max(rank) filter (where extract = 'full') over (partition by feed), 0) as is_in_force,
        rank = max(rank) over (partition by feed) as is_current
    from ranked`,
    { known_at: knownAt ?? null },
  )
}

async function listFeeds(connection: DuckDBConnection, contracts: readonly Contract[]): Promise<void> {
  const feeds = [...contracts]
    .sort((a, b) => (a.feed < b.feed ? -1 : 1))
    .map((contract, index) => ({
      feed: contract.feed,
      owner: ownerOf(contract),
      feed_number: index,
      agency_name: contract.agency.name,
      agency_kind: contract.agency.kind,
      basis: contract.basis,
    }))
  await run(
    connection,
    'list feeds',
    `create or replace temp table feeds as
    select unnest(from_json($feeds, '[{"feed": "varchar", "owner": "varchar", "feed_number": "bigint", "agency_name": "varchar", "agency_kind": "varchar", "basis": "varchar"}]'), recursive := true)`,
    { feeds: JSON.stringify(feeds) },
  )
}
