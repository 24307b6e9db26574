import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { writeFileAtomically } from '../../store/atomicFile.ts'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { currentVersion } from '../../store/versions.ts'
import { query, run, textIn } from '../statement.ts'
import { prepareWithdrawal } from './prepareWithdrawal.ts'

/** Whom a request is about: by the reference of the case, an agency's own number, or the NHS number. */
export type Subject =
  | { readonly kind: 'case'; readonly caseRef: string }
  | { readonly kind: 'local'; readonly feed: string; readonly localId: string }
  | { readonly kind: 'number'; readonly nhsNumber: string }

/** A case of the version that is served. */
export interface ServedCase {
  readonly caseRef: string
  readonly auditRef: string
  readonly decidedOn: string
  readonly versionId: string
}

/** The case of a person in the version that is served, or null where there is none. */
export async function findServed(
  deployment: Deployment,
  storeKey: Buffer,
  subject: Subject,
): Promise<ServedCase | null> {
  const folder = currentVersion(deployment)
  if (folder === null) return null
  const database = await openDuckDB({
    attach: [{ path: versionFiles(folder).register, alias: 'register', key: storeKey, readOnly: true }],
  })
  try {
    const [row] = await query(
      database.connection,
      'find a case',
      `select persons.case_ref, pseudonyms.audit_ref, coalesce(strftime(persons.consent_decided_on, '%Y-%m-%d'), '') as decided_on
      from register.main.persons as persons
      join register.main.pseudonyms as pseudonyms using (person_id)
      where ${servedCondition(subject)}`,
      valuesOf(subject),
    )
    if (!row) return null
    return {
      caseRef: textIn(row, 'case_ref'),
      auditRef: textIn(row, 'audit_ref'),
      decidedOn: textIn(row, 'decided_on'),
      versionId: folder.split('/').at(-1) ?? '',
    }
  } finally {
    database.close()
  }
}

function servedCondition(subject: Subject): string {
  switch (subject.kind) {
    case 'case':
      return 'persons.case_ref = $case'
    case 'local':
      return 'persons.person_id in (select person_id from register.main.agency_records where feed = $feed and local_id = $local)'
    case 'number':
      return 'persons.nhs_number = $number'
  }
}

function valuesOf(subject: Subject): Record<string, string> {
  switch (subject.kind) {
    case 'case':
      return { case: subject.caseRef }
    case 'local':
      return { feed: subject.feed, local: subject.localId }
    case 'number':
      return { number: subject.nhsNumber }
  }
}

/**
 * Keeps a request in landing for the next run, which is told that it has something to do. The caller holds the
 * deployment's lock. A request that is kept already is not kept twice.
 * @throws DsrError 'input' where no agency has sent such a person
 */
export async function keepRequest(
  deployment: Deployment,
  storeKey: Buffer,
  subject: Subject,
  { code, decidedOn }: { readonly code: string; readonly decidedOn: string },
): Promise<void> {
  if (!existsSync(deployment.landing)) throw nobody()
  const folder = join(deployment.work, `withdraw-${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [{ path: deployment.landing, alias: 'landing', key: storeKey }],
    extensions: ['httpfs'],
    tempDirectory: folder,
  })
  try {
    const { connection } = database
    await prepareWithdrawal(connection)
    const found = await findLanded(connection, subject)
    if (!found) throw nobody()
    await run(
      connection,
      'keep a request',
      `insert into landing.withdrawals
      select $request, cast($day as date), $code, nullif($case, ''), nullif($feed, ''), nullif($local, ''), cast(now() as timestamp)
      where not exists (
          select 1 from landing.withdrawals
          where case_ref is not distinct from nullif($case, '') and feed is not distinct from nullif($feed, '')
              and local_id is not distinct from nullif($local, '') and decided_on = cast($day as date)
      )`,
      { request: randomUUID(), day: decidedOn, code, ...found },
    )
    await run(connection, 'make landing durable', 'checkpoint landing')
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
  writeFileAtomically(deployment.unfinished, '')
}

/** As the request is kept: a case reference, or an agency and its number; never an NHS number. */
async function findLanded(
  connection: DuckDBConnection,
  subject: Subject,
): Promise<{ case: string; feed: string; local: string } | null> {
  const condition = {
    case: 'select case_ref as "case", null as feed, null as local from landing.case_refs where case_ref = $case',
    local: `${landedNumber} where deliveries.feed = $feed and people.local_id = $local limit 1`,
    number: `${landedNumber} where people.nhs_number = $number order by deliveries.delivered_on desc, deliveries.feed limit 1`,
  }[subject.kind]
  const [row] = await query(connection, 'look for a person', condition, valuesOf(subject))
  return row ? { case: textIn(row, 'case'), feed: textIn(row, 'feed'), local: textIn(row, 'local') } : null
}

const landedNumber = `
    select null as "case", deliveries.feed, people.local_id as local
    from landing.landed_people as people
    join landing.deliveries as deliveries using (delivery)`

function nobody(): DsrError {
  return new DsrError(
    'input',
    'No agency has sent a person with this reference or number.',
    'Look at the case page for its reference, or at the agency’s extract for the feed and its own number.',
  )
}
