import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

/**
 * How each agency's newest extract fared, with the partial ones since the last full one; a feed that has sent nothing has a row too, so that its silence is seen.
 */
export async function writeFeeds(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'write feeds',
    `create table register.feeds as
    with
    tallied as (
        select
            deliveries.feed, max(deliveries.delivered_on) as delivered_on,
            sum(tallies.rows_read) as rows_read, sum(tallies.rows_accepted) as rows_accepted,
            sum(tallies.rows_quarantined) as rows_quarantined, sum(tallies.rows_duplicate) as rows_duplicate
        from ranked_deliveries as deliveries
        join landing.tallies as tallies using (delivery)
        where deliveries.is_in_force
        group by deliveries.feed
    ),
    repeated as (select feed, count(*) as rows from repeats group by feed),
    held_over as (select feed, count(*) as people from holding where is_held_over group by feed)
    select
        feeds.feed, feeds.agency_name, feeds.agency_kind, feeds.basis, tallied.delivered_on,
        cast(coalesce(tallied.rows_read, 0) as bigint) as rows_read,
        cast(coalesce(tallied.rows_accepted, 0) - coalesce(repeated.rows, 0) as bigint) as rows_accepted,
        cast(coalesce(tallied.rows_quarantined, 0) as bigint) as rows_quarantined,
        cast(coalesce(tallied.rows_duplicate, 0) + coalesce(repeated.rows, 0) as bigint) as rows_duplicate,
        coalesce(held_over.people, 0) as people_held_over
    from feeds
    left join tallied using (feed)
    left join repeated using (feed)
    left join held_over using (feed)`,
  )
  await run(
    connection,
    'write quarantine counts',
    `create table register.quarantine_counts as
    select deliveries.feed, faults.code, count(distinct (faults.sheet, faults.record)) as rows
    from landing.faults as faults
    join ranked_deliveries as deliveries on deliveries.delivery = faults.delivery and deliveries.is_in_force
    join landing.quarantine as quarantine
        on quarantine.delivery = faults.delivery and quarantine.sheet = faults.sheet and quarantine.record = faults.record
    where faults.severity = 'reject' and quarantine.verdict = 'quarantined'
    group by deliveries.feed, faults.code`,
  )
  await run(
    connection,
    'write exclusions',
    `create table register.exclusions as
    select
        reasons.reason,
        -- Of whoever withdrew only the tombstone is left to count.
        case when reasons.reason = 'K91' then (select count(distinct withdrawal) from landing.tombstones where superseded_on is null) else count(gate.person_id) end as people
    from (select unnest(['K90', 'K91', 'K92', 'K93']) as reason) as reasons
    left join gate using (reason)
    group by reasons.reason`,
  )
}
