import type { DuckDBConnection } from '@duckdb/node-api'
import { pseudonymisedTables, type PseudonymisedTable } from '../register/pseudonymisedColumns.ts'
import type { Dictionary } from '../register/readDictionary.ts'
import { quoteName } from '../store/openDuckDB.ts'
import { quasiIdentifiers } from './quasiIdentifiers.ts'
import { runSql } from './runSql.ts'

/** How far the people of one pseudonymised table can be told apart by some of its columns. Counts and column names only. */
export interface SmallGroups {
  readonly table: string
  /** Columns whose values together make a group. */
  readonly by: readonly string[]
  /** Groups under this many people are small: setting `extract_min_group` at the time of the run. */
  readonly limit: number
  readonly people: number
  /** People of whom at least one row is like nobody else's (k = 1). */
  readonly unique: number
  /** People of whom at least one row is shared by fewer people than the limit, the unique included. */
  readonly inSmallGroups: number
  /** People in the smallest group: the k of the table; 0 where it is empty. */
  readonly smallestGroup: number
  /** How far a group gives away a sensitive column although it is large enough (l-diversity); null where there is none. */
  readonly variety: Variety | null
}

export interface Variety {
  readonly column: string
  /** Fewest different values in a group that is large enough: the l of the table; 0 where no group is. */
  readonly fewestValues: number
  /** Groups that are large enough, and in which everyone has the same value. */
  readonly groupsOfOneValue: number
}

/** What a neighbour or a newspaper may know of someone, beside all that the table holds. */
const knownOutside = ['age_band', 'sex_code', 'ethnic_code', 'residence_utla_gss', 'ld_status', 'autism_status']

/** The column of a table that a group should not give away; tables whose telling columns say it all have none. */
const sensitiveColumns: Readonly<Record<string, string>> = {
  ratings: 'rating',
  consents: 'basis',
  cetrs: 'outcome',
  admissions: 'bed_type',
}

/**
 * Counts people who are unique, or in groups under `limit`, by the quasi-identifiers of each table of
 * `warehouse.register` (security.md PS-10). A report and no limit: the pseudonymised store is read by nobody outside; limits
 * are enforced on what is published and on external extracts. Each table is grouped once, so the time grows with its rows.
 */
export async function countSmallGroups(
  connection: DuckDBConnection,
  dictionary: Dictionary,
  limit: number,
): Promise<readonly SmallGroups[]> {
  const counted: SmallGroups[] = []
  for (const table of pseudonymisedTables(dictionary)) {
    for (const by of groupings(table, dictionary)) counted.push(await countGroups(connection, table, by, limit))
  }
  return counted
}

function groupings(table: PseudonymisedTable, dictionary: Dictionary): readonly (readonly string[])[] {
  const all = quasiIdentifiers(table, dictionary)
  if (all.length === 0) return []
  return table.name === 'people' ? [knownOutside.filter((name) => all.includes(name)), all] : [all]
}

async function countGroups(
  connection: DuckDBConnection,
  table: PseudonymisedTable,
  by: readonly string[],
  limit: number,
): Promise<SmallGroups> {
  const [row] = await runSql(connection, `counting small groups of ${table.name}`, groupsSql(table, by, limit))
  const number = (name: string): number => Number(row?.[name] ?? 0)
  return {
    table: table.name,
    by,
    limit,
    people: number('people'),
    unique: number('unique_people'),
    inSmallGroups: number('in_small_groups'),
    smallestGroup: number('smallest_group'),
    variety: await countVariety(connection, table, by, limit),
  }
}

/**
 * A person of several rows counts once, by the smallest group of any of them. Persons and combinations are grouped by their
 * 64-bit hashes, several times as fast as by their texts: among a million of either, two alike are a chance in thirty million,
 * and this is a report. What is enforced on an extract compares the values themselves.
 */
function groupsSql(table: PseudonymisedTable, by: readonly string[], limit: number): string {
  const relation = `warehouse.register.${quoteName(table.name)}`
  const combination = `hash(${by.map(quoteName).join(', ')})`
  if (table.key.join() === 'pseudonym')
    return `
with

group_sizes as (select count(*) as people from ${relation} group by ${combination})

select
    sum(people) as people,
    sum(people) filter (where people = 1) as unique_people,
    sum(people) filter (where people < ${limit}) as in_small_groups,
    min(people) as smallest_group
from group_sizes`
  return `
with

members as materialized (
    select hash(pseudonym) as person, ${combination} as combination
    from ${relation}
    group by person, combination
),

group_sizes as materialized (select combination, count(*) as people from members group by combination),

small as (
    select members.person, min(group_sizes.people) as people
    from members
    join group_sizes on group_sizes.combination = members.combination
    where group_sizes.people < ${limit}
    group by members.person
)

select
    (select count(distinct person) from members) as people,
    (select count(*) from small where people = 1) as unique_people,
    (select count(*) from small) as in_small_groups,
    (select min(people) from group_sizes) as smallest_group`
}

async function countVariety(
  connection: DuckDBConnection,
  table: PseudonymisedTable,
  by: readonly string[],
  limit: number,
): Promise<Variety | null> {
  const column = sensitiveColumns[table.name]
  if (column === undefined) return null
  const [row] = await runSql(
    connection,
    `counting values in groups of ${table.name}`,
    `
with

pairs as (
    select
        hash(pseudonym) as person, hash(${by.map(quoteName).join(', ')}) as combination,
        ${quoteName(column)} as value
    from warehouse.register.${quoteName(table.name)}
    where ${quoteName(column)} is not null
    group by person, combination, value
),

varieties as (
    select count(distinct person) as people, count(distinct value) as different
    from pairs
    group by combination
)

select min(different) as fewest, count(*) filter (where different = 1) as of_one
from varieties
where people >= ${limit}`,
  )
  return { column, fewestValues: Number(row?.['fewest'] ?? 0), groupsOfOneValue: Number(row?.['of_one'] ?? 0) }
}
