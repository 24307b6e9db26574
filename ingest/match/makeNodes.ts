import type { DuckDBConnection } from '@duckdb/node-api'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../register/projectRoot.ts'
import { run } from '../statement.ts'

/** Above the rank of any delivery. */
export const lastRank = 1_000_000_000

/**
 * Every (feed, local_id) ever accepted with its newest identity; `age` orders them by the day they were first seen.
 * Where a later delivery has the same number with another NHS number, or without one and with another birth date and
 * name, the agency gave it to somebody else: two nodes, so that neither a case nor a withdrawal goes over.
 */
export async function makeNodes(connection: DuckDBConnection): Promise<void> {
  await makeShortNames(connection)
  await run(
    connection,
    'gather records of people',
    `create or replace temp table holders_of_numbers as
    with
    identities as (
        select delivery, record, local_id, nhs_number, family_name, given_name, date_of_birth, sex_code, postcode, address_lines
        from landing.landed_people
        union all by name
        -- Whoever withdrew in a record that was set aside is known by what that record says, where nothing else does.
        select delivery, record, local_id, nhs_number, family_name, given_name, date_of_birth, postcode
        from landing.heard
        join ranked_deliveries as deliveries using (delivery)
        anti join (
            select deliveries.owner, people.local_id
            from landing.landed_people as people
            join ranked_deliveries as deliveries using (delivery)
        ) as known on known.owner = deliveries.owner and known.local_id = heard.local_id
        where heard.local_id is not null
    ),
    seen as (
        select
            feeds.feed, feeds.basis, people.local_id, people.nhs_number, people.date_of_birth,
            nullif(fold_name(people.family_name), '') as family_name,
            nullif(fold_name(people.given_name), '') as given_name,
            list_filter(regexp_split_to_array(lower(strip_accents(people.family_name)), '[^a-z]+'), lambda part: length(part) > 2) as family_names,
            nullif(people.sex_code, 'X') as sex_code,
            nullif(regexp_replace(lower(people.postcode), '[^a-z0-9]', '', 'g'), '') as postcode,
            nullif(regexp_replace(lower(strip_accents(people.address_lines)), '[^a-z0-9]', '', 'g'), '') as address,
            deliveries.delivered_on,
            deliveries.rank,
            deliveries.rank * 1000000000 + people.record as newness
        from identities as people
        join ranked_deliveries as deliveries using (delivery)
        join feeds on feeds.feed = deliveries.owner
    ),
    newest as (
        select
            feed, basis, local_id,
            ${newestIdentity},
            min(nhs_number) <> max(nhs_number)
                or (min(date_of_birth) <> max(date_of_birth) and (min(family_name) <> max(family_name) or min(given_name) <> max(given_name)))
                as may_be_reused
        from seen
        group by feed, basis, local_id
    ),
    told as (
        select seen.feed, seen.basis, seen.local_id, seen.rank, ${newestIdentity}
        from seen
        semi join (from newest where may_be_reused) as reused using (feed, local_id)
        group by seen.feed, seen.basis, seen.local_id, seen.rank
    ),
    compared as (
        select
            *,
            case
                when nhs_number is not null and last_value(nhs_number ignore nulls) over before is not null
                    then nhs_number <> last_value(nhs_number ignore nulls) over before
                when nhs_number is not null then false
                else date_of_birth <> last_value(date_of_birth ignore nulls) over before
                    and (family_name <> lag(family_name) over of_number or given_name <> lag(given_name) over of_number)
            end as is_somebody_else
        from told
        window
            of_number as (partition by feed, local_id order by rank),
            before as (partition by feed, local_id order by rank rows between unbounded preceding and 1 preceding)
    ),
    holders as (
        select *, count(*) filter (where is_somebody_else) over (partition by feed, local_id order by rank) as holder
        from compared
    ),
    held as (
        select
            feed, basis, local_id, holder, min(rank) as first_rank, min(first_seen) as first_seen,
            arg_max(nhs_number, rank) as nhs_number,
            arg_max(date_of_birth, rank) as date_of_birth,
            arg_max(family_name, rank) as family_name,
            arg_max(given_name, rank) as given_name,
            arg_max(family_names, rank) as family_names,
            arg_max(sex_code, rank) as sex_code,
            arg_max(postcode, rank) as postcode,
            arg_max(address, rank) as address
        from holders
        group by feed, basis, local_id, holder
    ),
    every as (
        select * exclude (may_be_reused), 0 as holder, 0 as from_rank, ${lastRank} as to_rank
        from newest
        where may_be_reused is distinct from true
        union all by name
        select
            * exclude (first_rank),
            case when holder = 0 then 0 else first_rank end as from_rank,
            coalesce(lead(first_rank) over (partition by feed, local_id order by holder) - 1, ${lastRank}) as to_rank
        from held
    )
    select
        row_number() over (order by feed, local_id, holder) as node,
        row_number() over (order by first_seen, feed, local_id, holder) as age,
        ${idSql(`feed || chr(31) || local_id || case when holder = 0 then '' else chr(31) || holder end`)} as alias,
        first_seen as known_since,
        * exclude (first_seen, holder)
    from every`,
  )
  await run(
    connection,
    'add other forms of names',
    `create or replace temp table nodes as
    select
        holders.*,
        strftime(holders.date_of_birth, '%Y%m%d') as born,
        case when holders.given_name is not null then list_concat([holders.given_name], coalesce(forms.given_names, [])) end as given_names
    from holders_of_numbers as holders
    left join (select short_name, list(given_name order by given_name) as given_names from short_names group by short_name) as forms
        on forms.short_name = holders.given_name`,
  )
}

/** 72 bits of a digest in 12 characters, which DuckDB joins without leaving the vector; of use in file names and addresses. */
function idSql(sql: string): string {
  return `translate(left(to_base64(unhex(sha256(${sql}))), 12), '+/', '-_')`
}

/** Short forms of given names: ordinary English ones, gathered by hand (ingest/match/short_names.csv). */
async function makeShortNames(connection: DuckDBConnection): Promise<void> {
  const lines = readFileSync(join(projectRoot, 'ingest/match/short_names.csv'), 'utf8').trim().split('\n').slice(1)
  const rows = lines.map((line) => line.split(',')).map(([given_name, short_name]) => ({ given_name, short_name }))
  await run(
    connection,
    'list short names',
    `create or replace temp table short_names as
    select unnest(from_json($rows, '[{"given_name": "varchar", "short_name": "varchar"}]'), recursive := true)`,
    { rows: JSON.stringify(rows) },
  )
}

const newestIdentity = `
            min(delivered_on) as first_seen,
            arg_max(nhs_number, newness) as nhs_number,
            arg_max(date_of_birth, newness) as date_of_birth,
            arg_max(family_name, newness) as family_name,
            arg_max(given_name, newness) as given_name,
            arg_max(family_names, newness) as family_names,
            arg_max(sex_code, newness) as sex_code,
            arg_max(postcode, newness) as postcode,
            arg_max(address, newness) as address`
