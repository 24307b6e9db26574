import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readModel } from '../../ingest/match/readModel.ts'
import { scorePairs } from '../../ingest/match/scorePairs.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'

const fixtures = join(projectRoot, 'tests/fixtures/linkage')

/** tests/bench/linkage/fit.py wrote both files: records, and what Splink with the shipped model makes of their pairs. */
it('pairs weigh what Splink says they weigh', async () => {
  const { connection } = await openDuckDB({ attach: [] })
  await connection.run(`
    create temp table nodes as
    select row_number() over (order by unique_id) as node, cast(null as varchar) as nhs_number, *
    from read_json('${join(fixtures, 'golden_records.json')}', columns = {
      unique_id: 'varchar', given_name: 'varchar', given_names: 'varchar[]', family_name: 'varchar', family_names: 'varchar[]',
      born: 'varchar', sex_code: 'varchar', postcode: 'varchar', address: 'varchar'
    })`)
  await scorePairs(connection, readModel(), -1000)
  const rows = await connection.runAndReadAll(`
    select one.unique_id as one, other.unique_id as other, pairs.weight, golden.match_weight
    from pairs
    join nodes as one on one.node = pairs.one
    join nodes as other on other.node = pairs.other
    full join read_csv('${join(fixtures, 'golden_scores.csv')}') as golden
        on least(golden.unique_id_l, golden.unique_id_r) = least(one.unique_id, other.unique_id)
        and greatest(golden.unique_id_l, golden.unique_id_r) = greatest(one.unique_id, other.unique_id)`)
  const pairs = rows.getRowObjectsJson()
  expect(pairs.length).toBeGreaterThan(50)
  for (const { one, other, weight, match_weight } of pairs) {
    expect(weight, `${String(one)} and ${String(other)}`).toBeCloseTo(Number(match_weight), 6)
  }
})
