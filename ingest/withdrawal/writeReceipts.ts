import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { writeFileAtomically } from '../../store/atomicFile.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'
import { query, run, textIn, type Row } from '../statement.ts'
import { countVersion, noRows, type RowsByTable, type VersionRows } from './countServed.ts'
import { numberDigestSql, personDigestSql, withDigestKey } from './digests.ts'

/** The proof of a withdrawal (`store/receipts/<id>.json`): counts and days, and nothing that tells who it was. */
export interface Receipt {
  readonly id: string
  /** Day of the decision, and the day that counted as today in the run that carried it out. */
  readonly withdrawn_on: string
  readonly carried_out_on: string
  readonly reason: string
  readonly source: 'extract' | 'request'
  readonly before: VersionRows & { readonly landing: RowsByTable; readonly archive_files: number }
  readonly after: VersionRows & { readonly landing: RowsByTable; readonly archive_files: number }
  /** The version that no longer holds the person; every other one was removed. */
  readonly version: string
  readonly other_versions_left: number
  /** Delivered files that the setting `extracts_after_landing: keep` leaves in the agency's folder. */
  readonly kept_files: number
  /** From this day on no backup holds the person, if backups are kept as long as `backup_days` says. */
  readonly backups_free_on: string
  /** Figures released before stay published: they count people and name nobody. */
  readonly releases: 'stay'
}

/**
 * Finishes the withdrawals of a run, once its version is the one that is served: counts what is left of each person in
 * every zone and writes the receipt. A kill before the last line leaves the receipt to the next run.
 * @throws Error where anything is left of a person: then no receipt is written
 */
export async function writeReceipts(step: Step<'store'>): Promise<{ readonly receipts: number }> {
  const { deployment, settings, keys, versionFolder } = step
  if (!existsSync(deployment.landing)) return { receipts: 0 }
  const folder = join(deployment.work, 'receipts')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [{ path: deployment.landing, alias: 'landing', key: keys.store }],
    extensions: ['httpfs'],
    tempDirectory: folder,
  })
  const { connection } = database
  try {
    const waiting = await listWaiting(connection)
    if (waiting.length === 0) return { receipts: 0 }
    const left = await countLeft(connection, step, folder, waiting)
    mkdirSync(deployment.receipts, { recursive: true, mode: 0o700 })
    for (const row of waiting) {
      const id = textIn(row, 'withdrawal')
      const deliveries = (row['deliveries'] as { readonly items: readonly string[] }).items
      const before = JSON.parse(textIn(row, 'before')) as VersionRows & {
        readonly landing: RowsByTable
        archive_files: number
      }
      const after = {
        ...(left.get(id) ?? noRows),
        landing: JSON.parse(textIn(row, 'landing_after')) as RowsByTable,
        archive_files: deliveries.filter((delivery) => existsSync(join(deployment.archive, delivery))).length,
      }
      if (Object.keys({ ...after.register, ...after.warehouse }).length > 0 || after.archive_files > 0)
        throw new Error('a person who withdrew is still in the version: no receipt was written')
      const receipt: Receipt = {
        id,
        withdrawn_on: textIn(row, 'withdrawn_on'),
        carried_out_on: textIn(row, 'recorded_on'),
        reason: textIn(row, 'code'),
        source: textIn(row, 'source') as Receipt['source'],
        before,
        after,
        version: versionFolder.split('/').at(-1) ?? '',
        other_versions_left: readdirSync(deployment.versions).filter((name) => !versionFolder.endsWith(name)).length,
        kept_files: settings.extracts_after_landing === 'keep' ? deliveries.length : 0,
        backups_free_on: dayAfter(step.asOf, settings.backup_days),
        releases: 'stay',
      }
      writeFileAtomically(join(deployment.receipts, `${id}.json`), `${JSON.stringify(receipt, null, 2)}\n`)
      await run(
        connection,
        'note that a receipt is written',
        'update landing.receipts set is_written = true where withdrawal = $id',
        { id },
      )
      step.report(`${id}: taken out of every zone`)
    }
    await run(connection, 'make landing durable', 'checkpoint landing')
    return { receipts: waiting.length }
  } finally {
    database.close()
  }
}

async function listWaiting(connection: DuckDBConnection): Promise<readonly Row[]> {
  return query(
    connection,
    'list receipts to be written',
    `select * replace (strftime(withdrawn_on, '%Y-%m-%d') as withdrawn_on, strftime(recorded_on, '%Y-%m-%d') as recorded_on)
    from landing.receipts where not is_written order by withdrawal`,
  )
}

/** Their rows in the new version, found by keyed digests: neither the person's id nor the number is known any more. */
async function countLeft(
  connection: DuckDBConnection,
  step: Step<'store'>,
  folder: string,
  waiting: readonly Row[],
): Promise<ReadonlyMap<string, VersionRows>> {
  const digests = await query(
    connection,
    'list digests of people who left',
    `select distinct withdrawal, unnest([person_digest, number_digest]) as digest
    from landing.tombstones
    where superseded_on is null and list_contains(from_json($ids, '["varchar"]'), withdrawal)`,
    { ids: JSON.stringify(waiting.map((row) => textIn(row, 'withdrawal'))) },
  )
  return countVersion(step.versionFolder, step.keys.store, folder, (served) =>
    withDigestKey(served, step.keys.store, async () => {
      await run(
        served,
        'digest persons',
        `create temp table digested as
        with
        persons as (
            select person_id, nhs_number from register.main.persons
            union
            select person_id, nhs_number from register.main.statutory_admissions
        )
        select person_id, unnest([${personDigestSql('person_id')}, ${numberDigestSql('nhs_number')}]) as digest from persons`,
      )
      await run(
        served,
        'list digests',
        `create temp table gone as
        select unnest(from_json($digests, '[{"withdrawal": "varchar", "digest": "varchar"}]'), recursive := true)`,
        { digests: JSON.stringify(digests) },
      )
      return 'select distinct gone.withdrawal as key, digested.person_id from digested join gone using (digest)'
    }),
  )
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
