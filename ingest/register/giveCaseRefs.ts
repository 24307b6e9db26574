import { blobValue, type DuckDBConnection } from '@duckdb/node-api'
import { randomBytes } from 'node:crypto'
import { numberIn, query, run } from '../statement.ts'

/**
 * Gives each person past the gate a case reference, random and kept in landing for good: nothing of the person is in it
 * (security.md PS-05). A person whose id changed because an older record came keeps the reference of an alias.
 * Leaves `person_refs` (person_id, case_ref).
 */
export async function giveCaseRefs(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find case references',
    `create or replace temp table person_refs as
    with
    known as (
        select persons.person_id, arg_min(refs.case_ref, refs.given_at) as case_ref
        from node_persons as persons
        join landing.case_refs as refs on refs.person_id = persons.alias
        group by persons.person_id
    )
    select gate.person_id, known.case_ref
    from gate
    left join known using (person_id)
    where gate.reason is null`,
  )
  await drawReferences(connection)
  // An index that keeps the references apart would cost more than all else of ingest; equal ones are looked for instead.
  const [row] = await query(
    connection,
    'look for equal references',
    'select count(*) - count(distinct case_ref) as equal from landing.case_refs',
  )
  if (numberIn(row, 'equal') > 0) throw new Error('two people were given one case reference')
}

/** Some sixty bits drawn by a secret that is forgotten at once: as good as random numbers, and a million in a second. */
async function drawReferences(connection: DuckDBConnection): Promise<void> {
  await run(connection, 'draw a secret', 'set variable reference_secret = $secret', {
    secret: blobValue(randomBytes(32)),
  })
  await run(
    connection,
    'draw references',
    `update person_refs
    set case_ref = left(regexp_replace(lower(to_base64(unhex(sha256(getvariable('reference_secret') || encode(person_id))))), '[^a-z2-9]', '', 'g'), 12)
    where case_ref is null`,
  )
  await run(connection, 'forget the secret', 'reset variable reference_secret')
  await run(
    connection,
    'keep new references',
    `insert into landing.case_refs
    select person_id, case_ref, cast(now() as timestamp)
    from person_refs
    anti join landing.case_refs as kept using (case_ref)`,
  )
}
