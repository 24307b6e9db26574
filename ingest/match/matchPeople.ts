import type { DuckDBConnection } from '@duckdb/node-api'
import { numberIn, query, run } from '../statement.ts'
import { askAboutLinks } from './askAboutLinks.ts'
import { joinRecords, type JoinOptions } from './joinRecords.ts'
import { findDecided, prepareLinkDecisions } from './linkDecisions.ts'
import { lastRank, makeNodes } from './makeNodes.ts'
import { readModel } from './readModel.ts'
import { scorePairs } from './scorePairs.ts'

export interface MatchOptions extends Partial<JoinOptions> {
  /** Only what the team had decided by this day, yyyy-mm-dd. */
  readonly knownAt?: string
}

/**
 * Says which records of which agencies are one person (docs/decisions/0004-linkage.md). Needs the temporary tables
 * `feeds` and `ranked_deliveries`; leaves `node_persons` (feed, local_id, person_id, alias): one row for each agency's
 * number ever landed, and `link_questions`. A number that an agency gave to somebody else has a row for each of them, with
 * the ranks of the deliveries in which it was theirs; `is_current` marks the one it belongs to now.
 *
 * The same valid NHS number is one person; two different valid numbers never are, unless the team decided so. Other records
 * are joined where they are alike beyond doubt, asked about where that is unsure, and else stand alone. The person id is
 * made from the oldest record, so neither the order of files nor a later link changes it.
 */
export async function matchPeople(connection: DuckDBConnection, options: MatchOptions = {}): Promise<void> {
  const model = readModel()
  await prepareLinkDecisions(connection)
  await makeNodes(connection)
  await findDecided(connection, options.knownAt)
  await scorePairs(connection, model)
  await joinRecords(connection, model, { likeness: options.likeness ?? 'alike' })
  await run(
    connection,
    'name people',
    `create or replace temp table node_persons as
    with
    oldest as (
        select person_of.label, arg_min(nodes.alias, nodes.age) as person_id
        from nodes
        join person_of using (node)
        group by person_of.label
    )
    select
        nodes.feed, nodes.local_id, nodes.alias, nodes.basis, nodes.from_rank, nodes.to_rank,
        nodes.to_rank = ${lastRank} as is_current, oldest.person_id
    from nodes
    join person_of using (node)
    join oldest on oldest.label = person_of.label`,
  )
  await requireOwnIds(connection)
  await askAboutLinks(connection, model)
}

/** Two records of one id would be one case. */
async function requireOwnIds(connection: DuckDBConnection): Promise<void> {
  const [row] = await query(
    connection,
    'check that ids are unique',
    'select count(*) - count(distinct alias) as shared from nodes',
  )
  if (numberIn(row, 'shared') > 0) throw new Error('two records have one id')
}
