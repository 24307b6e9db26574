import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteText } from '../../store/openDuckDB.ts'
import { run } from '../statement.ts'
import { weightOf, type Comparison, type Model } from './readModel.ts'

/** Fields of `nodes` that the comparisons read. */
const fields = [
  'given_name',
  'given_names',
  'family_name',
  'family_names',
  'born',
  'sex_code',
  'postcode',
  'address',
] as const

/** Common values make no block: two hundred records born on 1 January 1900 say nothing about each other. */
const largestBlock = 200

/**
 * Finds the pairs of `nodes` that could be one person and weighs them (Fellegi-Sunter). Leaves `pairs` (one, other,
 * weight, a level for each comparison), one < other. The weight equals Splink's match weight for the same model.
 *
 * Only pairs that share a block are weighed, so that the cost grows with the records and not with their square. Of two
 * records with two NHS numbers only those alike in everything are: their one use is to find a mistyped number.
 *
 * @param least pairs that weigh less are dropped: of a million people they are nearly all, and nothing is asked of them
 */
export async function scorePairs(
  connection: DuckDBConnection,
  model: Model,
  least: number = model.ask_weight,
): Promise<void> {
  await run(
    connection,
    'write blocking keys',
    `create or replace temp table node_keys as
    ${blocks.map((key, rule) => `select node, nhs_number is null as is_unnumbered, hash(${rule}, ${key}) as key from nodes where (${key}) is not null`).join('\nunion all ')}`,
  )
  await run(
    connection,
    'leave out common keys',
    `create or replace temp table common_keys as select key from node_keys group by key having count(*) > ${largestBlock}`,
  )
  await run(
    connection,
    'pair records that share a key',
    `create or replace temp table candidates as
    select distinct least(unnumbered.node, others.node) as one, greatest(unnumbered.node, others.node) as other
    from node_keys as unnumbered
    join node_keys as others on others.key = unnumbered.key and others.node <> unnumbered.node
    anti join common_keys on common_keys.key = unnumbered.key
    where unnumbered.is_unnumbered and (unnumbered.node < others.node or not others.is_unnumbered)
    union all
    select l.node as one, r.node as other
    from nodes as l
    join nodes as r
        on r.born = l.born and r.postcode = l.postcode and left(r.given_name, 1) = left(l.given_name, 1)
        and left(r.family_name, 1) = left(l.family_name, 1) and r.nhs_number <> l.nhs_number and l.node < r.node`,
  )
  await run(
    connection,
    'weigh pairs',
    `create or replace temp table pairs as ${weighSql(model)} where weight >= ${least}`,
  )
}

/** A block is a value that both records have; null is in no block. */
const blocks = [
  `born || left(family_name, 2)`,
  `born || left(given_name, 2)`,
  `born || postcode`,
  `born || address`,
  `left(born, 4) || least(substr(born, 5, 2), right(born, 2)) || greatest(substr(born, 5, 2), right(born, 2)) || left(family_name, 2)`,
  `postcode || left(given_name, 3)`,
  `postcode || left(family_name, 3)`,
  `given_name || ' ' || family_name || left(born, 4)`,
  `given_name || ' ' || family_name || right(born, 4)`,
  `given_name || ' ' || family_name || address`,
] as const

/** The level of each comparison, and their weights with the prior added up. */
function weighSql({ comparisons, prior }: Model): string {
  const sides = fields.flatMap((field) => [`l.${field} as ${field}_l`, `r.${field} as ${field}_r`])
  const levels = comparisons.map(({ name, levels: all }) => `${caseOf(all, (_, index) => String(index))} as ${name}`)
  const weights = comparisons.map(
    ({ name, levels: all }) =>
      `case ${name} ${all.map((level, index) => `when ${index} then ${weightOf(level)}`).join(' ')} end`,
  )
  return `
    with
    sides as (
        select candidates.one, candidates.other, ${sides.join(', ')}
        from candidates
        join nodes as l on l.node = candidates.one
        join nodes as r on r.node = candidates.other
    ),
    levels as (select one, other, ${levels.join(',\n ')} from sides)
    select *, cast(${Math.log2(prior / (1 - prior))} + ${weights.join(' + ')} as double) as weight
    from levels`
}

function caseOf(
  levels: Comparison['levels'],
  shown: (level: Comparison['levels'][number], index: number) => string,
): string {
  const branches = levels.map((level, index) =>
    level.sql === null ? `else ${shown(level, index)}` : `when ${level.sql} then ${shown(level, index)}`,
  )
  return `cast(case ${branches.join('\n')} end as tinyint)`
}

/** SQL for what a level of a comparison is called, from its number in a column. */
export function labelSql({ name, levels }: Comparison, column = name): string {
  return `case ${column} ${levels.map((level, index) => `when ${index} then ${quoteText(level.label)}`).join(' ')} end`
}
