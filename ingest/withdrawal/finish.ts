import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { syncPath } from '../../store/atomicFile.ts'
import type { Deployment } from '../../store/deployment.ts'
import { quoteText } from '../../store/openDuckDB.ts'
import { numberIn, query, run, type Row } from '../statement.ts'

/**
 * Destroys the archived files that held someone who has been taken out. An archive is the agency's whole file, so it goes
 * whole; landing keeps what it said of everyone else. The file is noted, so that it is not archived when it comes again.
 * @returns withdrawals whose receipt is not written yet
 */
export async function destroyArchives(connection: DuckDBConnection, deployment: Deployment): Promise<number> {
  const [due] = await query(
    connection,
    'count receipts to be written',
    'select count(*) as receipts from landing.receipts where not is_written',
  )
  const held = await query(
    connection,
    'list files that held people who left',
    'select distinct unnest(deliveries) as delivery from landing.receipts where not is_written',
  )
  if (held.length === 0) return numberIn(due, 'receipts')
  await run(
    connection,
    'note files that are not archived again',
    `insert into landing.unarchived
    select distinct unnest(deliveries) as delivery from landing.receipts where not is_written
    except
    select delivery from landing.unarchived`,
  )
  for (const { delivery } of held as readonly (Row & { readonly delivery: string })[])
    rmSync(join(deployment.archive, delivery), { force: true })
  if (existsSync(deployment.archive)) syncPath(deployment.archive)
  return numberIn(due, 'receipts')
}

/** Whether a delivered file may be archived: it held nobody who has since been taken out. */
export async function mayArchive(connection: DuckDBConnection, delivery: string): Promise<boolean> {
  const found = await query(
    connection,
    'look for a file not to be archived',
    'select 1 as found from landing.unarchived where delivery = $delivery',
    { delivery },
  )
  return found.length === 0
}

/** Keeps a file out of the archive from now on. */
export async function refuseArchive(connection: DuckDBConnection, delivery: string): Promise<void> {
  if (await mayArchive(connection, delivery))
    await run(connection, 'note a file not to be archived', 'insert into landing.unarchived values ($delivery)', {
      delivery,
    })
}

const rewritten = '.rewritten'

/**
 * Writes landing.duckdb anew where rows of people who left were deleted: DuckDB leaves deleted rows in the file's free
 * blocks. The new file takes the old one's place in one step, so a kill leaves one of the two whole; landing is no longer
 * attached afterwards.
 */
export async function rewriteLanding(
  connection: DuckDBConnection,
  deployment: Deployment,
  storeKey: Buffer,
): Promise<boolean> {
  const target = `${deployment.landing}${rewritten}`
  removeLeftOver(deployment)
  const [waiting] = await query(
    connection,
    'look for deleted rows',
    'select 1 as found from landing.receipts where not is_rewritten limit 1',
  )
  if (!waiting) return false
  await run(
    connection,
    'make a new landing',
    `attach ${quoteText(target)} as rewritten (encryption_key $key, encryption_cipher 'GCM')`,
    { key: storeKey.toString('base64') },
  )
  await run(connection, 'copy landing', 'copy from database landing to rewritten')
  // Only the new file says so: after a kill the old one is still to be rewritten.
  await run(connection, 'note that landing is written anew', 'update rewritten.receipts set is_rewritten = true')
  await run(connection, 'make the new landing durable', 'checkpoint rewritten')
  await run(connection, 'close the new landing', 'detach rewritten')
  await run(connection, 'close the old landing', 'detach landing')
  syncPath(target)
  rmSync(`${deployment.landing}.wal`, { force: true })
  renameSync(target, deployment.landing)
  syncPath(dirname(deployment.landing))
  return true
}

/** What a run that was killed left of a new landing. */
export function removeLeftOver(deployment: Deployment): void {
  for (const file of [rewritten, `${rewritten}.wal`]) rmSync(`${deployment.landing}${file}`, { force: true })
}
