import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

/**
 * Records of partial extracts that say just what held already: `repeats` (feed, delivery, sheet, record). They are
 * counted as double (check `duplicate_of_earlier`) here and not on landing, so that the count does not hang on which file
 * came first. Their rows say the same either way, so the 128-bit digest alone suffices: nothing is dropped on its word.
 * Needs `told` and `ranked_deliveries`.
 */
export async function findRepeats(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find records that repeat an earlier one',
    `create or replace temp table repeats as
    with
    following as (
        select told.feed, told.local_id, told.rank, lag(told.rank) over (partition by told.feed, told.local_id order by told.rank) as before
        from told
        join ranked_deliveries as deliveries using (feed, rank)
        where deliveries.is_in_force
    ),
    digests as (
        select deliveries.feed, deliveries.rank, digests.*
        from landing.record_digests as digests
        join ranked_deliveries as deliveries using (delivery)
    )
    select distinct newer.feed, newer.delivery, newer.sheet, newer.record
    from digests as newer
    join following using (feed, local_id, rank)
    semi join digests as older
        on older.feed = newer.feed and older.rank = following.before and older.local_id = newer.local_id
        and older.sheet = newer.sheet and older.digest = newer.digest`,
  )
}
