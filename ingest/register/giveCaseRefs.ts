import type { DuckDBConnection } from '@duckdb/node-api'
import { randomBytes } from 'node:crypto'
import { numberIn, query, run, textIn } from '../statement.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz23456789'
const length = 12

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
  // An index that keeps the references apart would cost more than all else of ingest; equal ones are looked for instead.
  const missing = await query(
    connection,
    'find people without a reference',
    'select person_id from person_refs where case_ref is null',
  )
  if (missing.length === 0) return
  const given = missing.map((row) => ({ person_id: textIn(row, 'person_id'), case_ref: randomReference() }))
  await run(
    connection,
    'give case references',
    `insert into landing.case_refs
    select given.person_id, given.case_ref, cast(now() as timestamp)
    from (select unnest(from_json($given, '[{"person_id": "varchar", "case_ref": "varchar"}]')) as given)`,
    { given: JSON.stringify(given) },
  )
  const [row] = await query(
    connection,
    'look for equal references',
    'select count(*) - count(distinct case_ref) as equal from landing.case_refs',
  )
  if (numberIn(row, 'equal') > 0) throw new Error('two people were given one case reference')
  await run(
    connection,
    'take up new references',
    `update person_refs set case_ref = refs.case_ref
    from landing.case_refs as refs
    where refs.person_id = person_refs.person_id and person_refs.case_ref is null`,
  )
}

/** Twelve of 34 characters, each as likely: bytes beyond the last multiple of 34 are thrown away. */
function randomReference(): string {
  const largest = Math.floor(256 / letters.length) * letters.length
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length * 2))
      if (byte < largest && text.length < length) text += letters[byte % letters.length]
  }
  return text
}
