import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'
import { weightOf, type Model } from './readModel.ts'
import { labelSql } from './scorePairs.ts'

/**
 * The pairs on which the DSR team must decide, as `link_questions`: a row for two people of whom it is unsure whether they
 * are one; beside them those joined by likeness (kind `joined`), for the team to part if that is wrong. The words say what agrees
 * and what differs, never a value; `question` is made of the two agencies' numbers, so it stays the same from run to run. Of several candidates only the best are asked about; whoever is joined already is
 * not asked about again.
 */
export async function askAboutLinks(connection: DuckDBConnection, model: Model): Promise<void> {
  await run(
    connection,
    'choose questions',
    `create or replace temp table asked_pairs as
    with
    people as (
        select person_of.label, bool_or(entities.is_numbered) as is_numbered, count(*) as entities
        from entities
        join person_of on person_of.node = entities.entity
        group by person_of.label
    ),
    open as (
        select entity_pairs.*, one_person.label as one_label, other_person.label as other_label
        from entity_pairs
        join person_of as one_person on one_person.node = entity_pairs.one_entity
        join person_of as other_person on other_person.node = entity_pairs.other_entity
        join people as one_people on one_people.label = one_person.label
        join people as other_people on other_people.label = other_person.label
        where (entity_pairs.is_asked or entity_pairs.is_sure)
            and one_person.label <> other_person.label
            and (entity_pairs.are_numbered or not (one_people.is_numbered and other_people.is_numbered))
    ),
    best_of as (
        select entity, max(weight) as weight
        from (
            select one_entity as entity, weight from open where not one_is_numbered
            union all
            select other_entity, weight from open where not other_is_numbered
        )
        group by entity
    ),
    best as (
        select open.*
        from open
        left join best_of as one on one.entity = open.one_entity
        left join best_of as other on other.entity = open.other_entity
        where open.are_numbered or open.weight > least(one.weight, other.weight) - 1
    )
    select *, case when are_numbered then 'two_numbers' else 'alike' end as kind
    from best
    qualify row_number() over (
        partition by least(one_label, other_label), greatest(one_label, other_label) order by weight desc, one, other
    ) = 1`,
  )
  const [agree, differ] = [true, false].map((agrees) => wordsSql(model, agrees))
  await run(
    connection,
    'word questions',
    `create or replace temp table link_questions as
    with
    asked as (
        select one, other, kind, weight, ${agree} as agrees, ${differ} as differs from asked_pairs
        union all
        select pairs.one, pairs.other, 'joined' as kind, pairs.weight, ${agree} as agrees, ${differ} as differs
        from entity_pairs as pairs
        semi join likeness_joins as joins on joins.one = pairs.one_entity and joins.other = pairs.other_entity
        union all
        -- The number says one person, the team said two: only the team can tell which is wrong.
        select decided.one, decided.other, 'same_number' as kind, null as weight, 'NHS number' as agrees, 'your decision' as differs
        from decided
        join number_of as one on one.node = decided.one
        join number_of as other on other.node = decided.other and other.label = one.label
        where decided.decision <> 'same'
    )
    select
        ${questionSql('one_node.feed', 'one_node.local_id', 'other_node.feed', 'other_node.local_id')} as question,
        asked.kind,
        one_node.feed as one_feed, one_node.local_id as one_local_id, one_person.person_id as one_person_id,
        other_node.feed as other_feed, other_node.local_id as other_local_id, other_person.person_id as other_person_id,
        round(asked.weight, 1) as weight, asked.agrees, asked.differs,
        greatest(one_node.known_since, other_node.known_since) as asked_since
    from asked
    join nodes as one_node on one_node.node = asked.one
    join nodes as other_node on other_node.node = asked.other
    join node_persons as one_person on one_person.alias = one_node.alias
    join node_persons as other_person on other_person.alias = other_node.alias`,
  )
}

/** The id of a question, and of a decision on it: the same for both, in either order. */
export function questionSql(oneFeed: string, oneLocalId: string, otherFeed: string, otherLocalId: string): string {
  const one = `sha256(${oneFeed} || chr(31) || ${oneLocalId})`
  const other = `sha256(${otherFeed} || chr(31) || ${otherLocalId})`
  return `left(sha256(least(${one}, ${other}) || greatest(${one}, ${other})), 10)`
}

/** "birth date, address (the same postcode)": the comparisons that speak for one person, or against. */
function wordsSql({ comparisons }: Model, agrees: boolean): string {
  const words = comparisons.map((comparison) => {
    const levels = comparison.levels.flatMap((level, index) =>
      index > 0 && (index === 1 || (weightOf(level) > 0 && level.label.startsWith('the same'))) === agrees
        ? [index]
        : [],
    )
    const said = `case when ${comparison.name} = 1 then '' else ' (' || ${labelSql(comparison)} || ')' end`
    return `case when ${comparison.name} in (${levels.join(', ')}) then '${comparison.label}' || ${said} end`
  })
  return `concat_ws(', ', ${words.join(', ')})`
}
