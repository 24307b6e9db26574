import type { DuckDBConnection } from '@duckdb/node-api'
import { numberIn, query, run } from '../statement.ts'

/**
 * Says which records of which agencies are one person. Needs the temporary tables `feeds` and `ranked_deliveries`;
 * leaves `node_persons` (feed, local_id, person_id, alias): one row for each agency's number ever landed. A number that
 * an agency gave to somebody else has a row for each of them, with the ranks of the deliveries in which it was theirs;
 * `is_current` marks the one it belongs to now.
 *
 * The same valid NHS number is one person; two different valid numbers never are. A record without a number joins
 * those of the same name, date of birth and postcode, unless they bear two numbers: then nobody can tell, and it
 * stands alone. The person id is made from the oldest record, so neither the order of files nor a later link changes it.
 */
export async function matchPeople(connection: DuckDBConnection): Promise<void> {
  await makeNodes(connection)
  await makeEdges(connection)
  await findComponents(connection)
  await requireOneNumber(connection)
  await run(
    connection,
    'name people',
    `create or replace temp table node_persons as
    with
    oldest as (
        select labels.label, arg_min(nodes.alias, nodes.age) as person_id
        from nodes
        join labels using (node)
        group by labels.label
    )
    select
        nodes.feed, nodes.local_id, nodes.alias, nodes.basis, nodes.from_rank, nodes.to_rank,
        nodes.to_rank = ${lastRank} as is_current, oldest.person_id
    from nodes
    join labels using (node)
    join oldest on oldest.label = labels.label`,
  )
}

/** Above the rank of any delivery. */
const lastRank = 1_000_000_000

/**
 * Every (feed, local_id) ever accepted with its newest identity; `age` orders them by the day they were first seen.
 * Where a later delivery has the same number with another NHS number, or without one and with another birth date and
 * name, the agency gave it to somebody else: two nodes, so that neither a case nor a withdrawal goes over.
 */
async function makeNodes(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'gather records of people',
    `create or replace temp table nodes as
    with
    seen as (
        select
            feeds.feed, feeds.basis, people.local_id, people.nhs_number, people.date_of_birth,
            fold_name(people.family_name) as family_name,
            fold_name(people.given_name) as given_name,
            replace(people.postcode, ' ', '') as postcode,
            deliveries.delivered_on,
            deliveries.rank,
            deliveries.rank * 1000000000 + people.record as newness
        from landing.landed_people as people
        join ranked_deliveries as deliveries using (delivery)
        join feeds using (feed)
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
            arg_max(postcode, rank) as postcode
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
        sha256(feed || chr(31) || local_id || case when holder = 0 then '' else chr(31) || holder end) as alias,
        * exclude (first_seen, holder)
    from every`,
  )
}

const newestIdentity = `
            min(delivered_on) as first_seen,
            arg_max(nhs_number, newness) as nhs_number,
            arg_max(date_of_birth, newness) as date_of_birth,
            arg_max(family_name, newness) as family_name,
            arg_max(given_name, newness) as given_name,
            arg_max(postcode, newness) as postcode`

/** Pairs that are one person, as few as will do: each record with the first of its group. */
async function makeEdges(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'pair records',
    `create or replace temp table edges as
    with
    numbers as (select nhs_number, min(node) as node from nodes where nhs_number is not null group by nhs_number),
    described as (
        select node, nhs_number, hash(family_name, given_name, date_of_birth, postcode) as digest, family_name, given_name, date_of_birth, postcode
        from nodes
        where family_name <> '' and given_name <> '' and date_of_birth is not null and postcode <> ''
    ),
    groups as (
        select
            family_name, given_name, date_of_birth, postcode,
            count(distinct nhs_number) as numbers,
            min(nhs_number) as nhs_number,
            min(node) filter (where nhs_number is null) as unnumbered
        from described
        group by family_name, given_name, date_of_birth, postcode
        having unnumbered is not null
    )
    select nodes.node as one, numbers.node as other from nodes join numbers using (nhs_number)
    union all
    select described.node as one, groups.unnumbered as other
    from described
    join groups using (family_name, given_name, date_of_birth, postcode)
    where described.nhs_number is null
    union all
    select groups.unnumbered as one, numbers.node as other
    from groups
    join numbers on numbers.nhs_number = groups.nhs_number
    where groups.numbers = 1`,
  )
  await run(connection, 'leave out loops', 'delete from edges where one = other')
}

/** Connected components: every record takes the smallest label among its neighbours until none changes. */
async function findComponents(connection: DuckDBConnection): Promise<void> {
  await run(connection, 'label records', 'create or replace temp table labels as select node, node as label from nodes')
  for (;;) {
    await run(
      connection,
      'find smaller labels',
      `create or replace temp table smaller as
      with
      both_ways as (select one, other from edges union all select other as one, one as other from edges)
      select both_ways.one as node, min(neighbours.label) as label
      from both_ways
      join labels as neighbours on neighbours.node = both_ways.other
      join labels as own on own.node = both_ways.one
      where neighbours.label < own.label
      group by both_ways.one`,
    )
    const [row] = await query(connection, 'count changes', 'select count(*) as changes from smaller')
    if (numberIn(row, 'changes') === 0) return
    await run(
      connection,
      'relabel',
      'update labels set label = smaller.label from smaller where smaller.node = labels.node',
    )
  }
}

/** The rule that may never break: a merge of two people shows one person's case on another's page. */
async function requireOneNumber(connection: DuckDBConnection): Promise<void> {
  const [row] = await query(
    connection,
    'check that no person has two numbers',
    `select count(*) as mixed from (
        select labels.label from nodes join labels using (node) group by labels.label having count(distinct nodes.nhs_number) > 1
    )`,
  )
  if (numberIn(row, 'mixed') > 0) throw new Error('two NHS numbers were joined into one person')
}
