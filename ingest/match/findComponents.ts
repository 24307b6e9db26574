import type { DuckDBConnection } from '@duckdb/node-api'
import { numberIn, query, run } from '../statement.ts'

/**
 * Connected components of `nodes` under the pairs (one, other) that `edges` gives: makes `labels` (node, label), the label
 * being the smallest node of the component. Every round takes the smallest label among the neighbours and then the label
 * of that label, so that a chain of n records takes about log n rounds.
 */
export async function findComponents(connection: DuckDBConnection, edges: string, labels: string): Promise<void> {
  await run(
    connection,
    'list edges both ways',
    `create or replace temp table both_ways as
    select one, other from (${edges}) where one <> other
    union select other as one, one as other from (${edges}) where one <> other`,
  )
  await run(
    connection,
    'label records',
    `create or replace temp table ${labels} as select node, node as label from nodes`,
  )
  for (;;) {
    await run(
      connection,
      'find smaller labels',
      `create or replace temp table smaller as
      select own.label as node, min(neighbours.label) as label
      from both_ways
      join ${labels} as neighbours on neighbours.node = both_ways.other
      join ${labels} as own on own.node = both_ways.one
      where neighbours.label < own.label
      group by own.label`,
    )
    const [row] = await query(connection, 'count changes', 'select count(*) as changes from smaller')
    if (numberIn(row, 'changes') === 0) return
    await run(
      connection,
      'relabel',
      `create or replace temp table ${labels} as
      select labels.node, coalesce(second.label, first.label, labels.label) as label
      from ${labels} as labels
      left join smaller as first on first.node = labels.label
      left join smaller as second on second.node = first.label`,
    )
  }
}
