import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

export type LinkDecision = 'same' | 'different' | 'undone'

/** What the DSR team decided of two records. Nothing is ever changed here: a newer decision counts instead. */
export async function prepareLinkDecisions(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'prepare decisions on links',
    `create table if not exists landing.link_decisions (
        decided_on date not null, decided_at timestamp not null,
        one_feed varchar not null, one_local_id varchar not null, other_feed varchar not null, other_local_id varchar not null,
        decision varchar not null, "by" varchar not null, reason varchar not null
    )`,
  )
}

/**
 * The newest decision on each pair of records as `decided` (one, other, decision), as of day `knownAt` where one is given.
 * The verb always writes a pair in one order.
 * A decision is about whoever held the number on its day: it does not go over to the next holder.
 */
export async function findDecided(connection: DuckDBConnection, knownAt?: string): Promise<void> {
  await run(
    connection,
    'find what was decided',
    `create or replace temp table decided as
    with
    newest as (
        select
            one_feed, one_local_id, other_feed, other_local_id,
            arg_max(decision, decided_at) as decision, arg_max(decided_on, decided_at) as decided_on
        from landing.link_decisions
        where cast($known_at as varchar) is null or decided_on <= cast($known_at as date)
        group by one_feed, one_local_id, other_feed, other_local_id
    ),
    ranks as (
        select newest.*, coalesce(max(deliveries.rank) filter (where deliveries.feed = newest.one_feed), 0) as one_rank,
            coalesce(max(deliveries.rank) filter (where deliveries.feed = newest.other_feed), 0) as other_rank
        from newest
        left join ranked_deliveries as deliveries on deliveries.delivered_on <= newest.decided_on
        group by all
    )
    select least(ones.node, others.node) as one, greatest(ones.node, others.node) as other, ranks.decision
    from ranks
    join nodes as ones on ones.feed = ranks.one_feed and ones.local_id = ranks.one_local_id and ranks.one_rank between ones.from_rank and ones.to_rank
    join nodes as others on others.feed = ranks.other_feed and others.local_id = ranks.other_local_id and ranks.other_rank between others.from_rank and others.to_rank`,
    { known_at: knownAt ?? null },
  )
}
