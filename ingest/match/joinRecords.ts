import type { DuckDBConnection } from '@duckdb/node-api'
import { numberIn, query, run } from '../statement.ts'
import { findComponents } from './findComponents.ts'
import type { Model } from './readModel.ts'

/** A join needs this many bits more than the next best candidate whom it would exclude: a twin, a namesake in the house. */
const rivalMargin = 6

export interface JoinOptions {
  /** exact: only records that agree in names, birth date and postcode are joined without asking. */
  readonly likeness: 'alike' | 'exact'
}

/**
 * Decides from `nodes`, `pairs` and `decided` which records are one person. Leaves
 * - `entity_of` (node, entity): records with one NHS number, or joined by the team's decision;
 * - `person_of` (node, label): those, and the records that are alike beyond doubt;
 * - `entity_pairs` with `is_sure` and `is_asked`: what likeness says of two entities.
 *
 * Weight alone does not join, for a family shares name, address and postcode, and twins the birth date too: a join also needs
 * a given name and a birth date that agree, and a family name or a postcode. Where two candidates compete that cannot both
 * be the person, nothing is joined. No join by likeness brings two NHS numbers together, nor two records of one feed: the
 * agency holds them as two people. A decision "different" undoes every join by likeness and by decision between the two.
 */
export async function joinRecords(connection: DuckDBConnection, model: Model, options: JoinOptions): Promise<void> {
  await findEntities(connection)
  await describeEntities(connection)
  await judgePairs(connection, model, options)
  await refuseRivals(connection)
  await findPeople(connection)
  await requireOneNumber(connection)
}

const sameNumber = `
    select nodes.node as one, numbers.node as other
    from nodes
    join (select nhs_number, min(node) as node from nodes where nhs_number is not null group by nhs_number) as numbers using (nhs_number)`

async function findEntities(connection: DuckDBConnection): Promise<void> {
  await findComponents(connection, sameNumber, 'number_of')
  await run(
    connection,
    'take joins by decision',
    `create or replace temp table decided_joins as select one, other from decided where decision = 'same'`,
  )
  await findComponents(connection, `${sameNumber} union all from decided_joins`, 'decided_of')
  // Decisions that contradict each other join nobody: only the number counts then.
  await run(
    connection,
    'drop joins that another decision parts',
    `delete from decided_joins
    using decided_of
    where decided_of.node = decided_joins.one and decided_of.label in (
        select one.label
        from decided
        join decided_of as one on one.node = decided.one
        join decided_of as other on other.node = decided.other and other.label = one.label
        join number_of as one_number on one_number.node = decided.one
        join number_of as other_number on other_number.node = decided.other and other_number.label <> one_number.label
        where decided.decision <> 'same'
    )`,
  )
  await findComponents(connection, `${sameNumber} union all from decided_joins`, 'decided_of')
  await run(
    connection,
    'name entities',
    'create or replace temp table entity_of as select node, label as entity from decided_of',
  )
}

async function describeEntities(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'describe entities',
    `create or replace temp table entities as
    select entity_of.entity, count(nodes.nhs_number) > 0 as is_numbered
    from entity_of
    join nodes using (node)
    group by entity_of.entity`,
  )
  await run(
    connection,
    'list the feeds of entities',
    `create or replace temp table entity_feeds as
    select distinct entity_of.entity, nodes.feed from entity_of join nodes using (node)`,
  )
  await run(
    connection,
    'list entities that were parted',
    `create or replace temp table parted as
    select distinct least(one.entity, other.entity) as one, greatest(one.entity, other.entity) as other
    from decided
    join entity_of as one on one.node = decided.one
    join entity_of as other on other.node = decided.other
    where decided.decision <> 'same'`,
  )
}

/** The best pair of records of each two entities, and whether it joins them or is worth a question. */
async function judgePairs(connection: DuckDBConnection, model: Model, { likeness }: JoinOptions): Promise<void> {
  const is = levelTest(model)
  const givenAgrees = is('given_name', 'the same', 'a short form', 'given and family name exchanged', 'nearly the same')
  const familyAgrees = `(${is('family_name', 'the same', 'one of two names', 'nearly the same')} or ${is('given_name', 'given and family name exchanged')})`
  const postcodeAgrees = is('place', 'the same postcode and address', 'the same postcode')
  const homeAgrees = is('place', 'the same postcode and address', 'the same address, another postcode')
  const birthAgrees = is('date_of_birth', 'the same')
  const birthMistyped = is('date_of_birth', 'day and month exchanged', 'one digit off')
  const sexAgrees = `not ${is('sex_code', 'different')}`
  const exact = `${is('given_name', 'the same')} and ${is('family_name', 'the same')} and ${birthAgrees} and ${postcodeAgrees}`
  const alike = `${givenAgrees} and ${sexAgrees}
      and ((${birthAgrees} and (${familyAgrees} or ${postcodeAgrees} or ${homeAgrees})) or (${birthMistyped} and ${familyAgrees} and ${homeAgrees}))`
  // Numbers only, as what is grouped by many millions of pairs must be able to leave memory.
  await run(
    connection,
    'choose the best pair of entities',
    `create or replace temp table best_pairs as
    with
    of_entities as (
        select
            pairs.one, pairs.other, pairs.weight,
            least(one_entity.entity, other_entity.entity) as one_entity,
            greatest(one_entity.entity, other_entity.entity) as other_entity
        from pairs
        join entity_of as one_entity on one_entity.node = pairs.one
        join entity_of as other_entity on other_entity.node = pairs.other
        join nodes as one_node on one_node.node = pairs.one
        join nodes as other_node on other_node.node = pairs.other
        -- One number that two people had in turn was judged already.
        where one_entity.entity <> other_entity.entity
            and (one_node.feed <> other_node.feed or one_node.local_id <> other_node.local_id)
    ),
    heaviest as (
        select one_entity, other_entity, max(weight) as weight from of_entities group by one_entity, other_entity
    )
    select one_entity, other_entity, min(one) as one, arg_min(other, (one::hugeint << 64) + other) as other
    from of_entities
    semi join heaviest using (one_entity, other_entity, weight)
    group by one_entity, other_entity`,
  )
  await run(
    connection,
    'compare entities',
    `create or replace temp table entity_pairs as
    with
    best as (
        select pairs.*, best_pairs.one_entity, best_pairs.other_entity
        from best_pairs
        join pairs using (one, other)
    ),
    shared as (
        select distinct ones.entity as one_entity, others.entity as other_entity
        from best
        join entity_feeds as ones on ones.entity = best.one_entity
        join entity_feeds as others on others.entity = best.other_entity and others.feed = ones.feed
    )
    select
        best.*,
        one_entity.is_numbered as one_is_numbered, other_entity.is_numbered as other_is_numbered,
        one_entity.is_numbered and other_entity.is_numbered as are_numbered,
        parted.one is not null as is_parted,
        best.weight >= ${model.link_weight} and (${likeness === 'exact' ? exact : alike})
            and not are_numbered and shared.one_entity is null and not is_parted as is_sure,
        case
            when is_parted then false
            when are_numbered
                then best.weight >= ${model.link_weight} and ${birthAgrees} and ${postcodeAgrees} and ${givenAgrees} and ${familyAgrees} and ${sexAgrees}
            -- Another birth date or given name in the same house is a parent or a twin rather than a slip.
            else not ${is('date_of_birth', 'different')} and not ${is('given_name', 'different')}
        end as is_asked
    from best
    join entities as one_entity on one_entity.entity = best.one_entity
    join entities as other_entity on other_entity.entity = best.other_entity
    left join shared on shared.one_entity = best.one_entity and shared.other_entity = best.other_entity
    left join parted on parted.one = best.one_entity and parted.other = best.other_entity`,
  )
}

/** Tests a comparison's column for levels by their labels; a label that the model has not is our mistake. */
function levelTest(model: Model): (name: string, ...labels: string[]) => string {
  return (name, ...labels) => {
    const levels = model.comparisons.find((comparison) => comparison.name === name)?.levels ?? []
    const numbers = labels.map((label) => levels.findIndex((level) => level.label === label))
    if (numbers.includes(-1)) throw new Error(`the model has no level ${labels.join(', ')} of ${name}`)
    return `${name} in (${numbers.join(', ')})`
  }
}

/** Drops a sure join where the record could as well be somebody whom that join excludes. */
async function refuseRivals(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'list candidates both ways',
    `create or replace temp table candidacies as
    select one_entity as entity, other_entity as candidate, one_is_numbered as is_numbered, other_is_numbered as candidate_is_numbered, weight
    from entity_pairs where is_asked or is_sure
    union all
    select other_entity, one_entity, other_is_numbered, one_is_numbered, weight
    from entity_pairs where is_asked or is_sure`,
  )
  await run(
    connection,
    'find rivals',
    `create or replace temp table rivalled as
    select distinct least(chosen.entity, chosen.candidate) as one_entity, greatest(chosen.entity, chosen.candidate) as other_entity
    from candidacies as chosen
    join candidacies as rival
        on rival.entity = chosen.entity and rival.candidate <> chosen.candidate and rival.weight > chosen.weight - ${rivalMargin}
    where not chosen.is_numbered
        and (
            (chosen.candidate_is_numbered and rival.candidate_is_numbered)
            or exists (
                from entity_feeds as ones
                join entity_feeds as others on others.feed = ones.feed
                where ones.entity = chosen.candidate and others.entity = rival.candidate
            )
        )`,
  )
  await run(
    connection,
    'gather joins by likeness',
    `create or replace temp table likeness_joins as
    select one_entity as one, other_entity as other, one_is_numbered or other_is_numbered as is_to_number
    from entity_pairs
    anti join rivalled using (one_entity, other_entity)
    where is_sure`,
  )
}

/** Joins are dropped from a group that would bring together what must stay apart: first those between unnumbered records. */
async function findPeople(connection: DuckDBConnection): Promise<void> {
  const edges = 'select node as one, entity as other from entity_of union all select one, other from likeness_joins'
  await findComponents(connection, edges, 'person_of')
  for (const dropped of ['not is_to_number', 'true']) {
    await run(
      connection,
      'find groups that must not be',
      `create or replace temp table mixed as
      with
      members as (
          select distinct person_of.label, entities.entity, entities.is_numbered
          from entities
          join person_of on person_of.node = entities.entity
      ),
      contested as (select label from members group by label having count(*) filter (where is_numbered) > 1),
      of_one_feed as (
          select members.label
          from members
          join entity_feeds using (entity)
          group by members.label, entity_feeds.feed
          having count(*) > 1
      ),
      undecided as (
          select one.label
          from parted
          join person_of as one on one.node = parted.one
          join person_of as other on other.node = parted.other and other.label = one.label
          where parted.one <> parted.other
      )
      select label from contested union select label from of_one_feed union select label from undecided`,
    )
    await run(
      connection,
      'drop joins of such groups',
      `delete from likeness_joins
      using person_of
      where person_of.node = likeness_joins.one and person_of.label in (from mixed) and (${dropped})`,
    )
    await findComponents(connection, edges, 'person_of')
  }
}

/** The rule that may never break: a merge of two people shows one person's case on another's page. */
async function requireOneNumber(connection: DuckDBConnection): Promise<void> {
  const [row] = await query(
    connection,
    'check that no person has two numbers',
    `select count(*) as mixed from (
        select person_of.label
        from entities
        join person_of on person_of.node = entities.entity
        where entities.is_numbered
        group by person_of.label
        having count(*) > 1
    )`,
  )
  if (numberIn(row, 'mixed') > 0) throw new Error('two NHS numbers were joined into one person')
}
