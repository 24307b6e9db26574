// Matches the records of a parquet file with the register's own SQL and weights:
// node match.mjs DIST records.parquet out-folder [link weight]
import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [program, records, out, linkWeight] = process.argv.slice(2)
const load = (file) => import(pathToFileURL(join(program, 'ingest/match', file)).href)
const [{ readModel }, { scorePairs }, { joinRecords }] = await Promise.all(
  ['readModel.js', 'scorePairs.js', 'joinRecords.js'].map(load),
)

const connection = await (await DuckDBInstance.create()).connect()
const shipped = readModel()
const model = linkWeight === undefined ? shipped : { ...shipped, link_weight: Number(linkWeight) }
const timed = async (what, work) => {
  const start = performance.now()
  await work()
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(2)} s`)
}
const all = 'cast(null as varchar)'
await connection.run(`
  create temp table nodes as
  select
    row_number() over (order by unique_id) as node, unique_id, feed, unique_id as local_id, nhs_number, given_name, given_names, family_name,
    family_names, born, ${all} as sex_code, postcode, address
  from read_parquet('${records}')`)
await connection.run(`create temp table decided (one bigint, other bigint, decision varchar)`)
await timed('score', () => scorePairs(connection, model))
await timed('join', () => joinRecords(connection, model, { likeness: 'alike' }))
await connection.run(
  `copy (select one.unique_id as one, other.unique_id as other, pairs.weight
    from pairs join nodes as one on one.node = pairs.one join nodes as other on other.node = pairs.other
    where pairs.weight >= ${model.ask_weight}) to '${join(out, 'pairs.parquet')}'`,
)
await connection.run(
  `copy (select nodes.unique_id, person_of.label from nodes join person_of using (node)) to '${join(out, 'people.parquet')}'`,
)
await connection.run(
  `copy (select one.unique_id as one, other.unique_id as other, is_sure, is_asked
    from entity_pairs join nodes as one on one.node = entity_pairs.one join nodes as other on other.node = entity_pairs.other
    where is_sure or is_asked) to '${join(out, 'judged.parquet')}'`,
)
