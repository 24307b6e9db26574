import type { DuckDBConnection } from '@duckdb/node-api'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { nearest } from '../../register/nearest.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import type { Settings } from '../../register/settings.ts'
import type { Deployment } from '../../store/deployment.ts'
import { isDatabase, type Contract } from '../contract.ts'
import { digestRaw } from '../read/digestRaw.ts'
import { stageDelivery, type StagedDelivery, type Tally } from '../stage/stageDelivery.ts'
import { numberIn, query, textIn } from '../statement.ts'
import { disposeOfFile } from './archive.ts'
import { contractDigest, deliveryId, digestFile, findFiles, type WaitingFile } from './findFiles.ts'
import { findCorrections } from '../corrections/findCorrections.ts'
import { landCorrections } from '../corrections/landCorrections.ts'
import { checkManifest, removeManifest } from './checkManifest.ts'
import { landDelivery } from './landDelivery.ts'
import { refuseDelivery, type Acceptance } from './refuseDelivery.ts'
import { mayArchive, refuseArchive } from '../withdrawal/finish.ts'
import { letGo } from '../withdrawal/letGo.ts'

export interface LandedFile {
  readonly feed: string
  readonly file: string
  readonly deliveredOn: string
  readonly tallies: readonly Tally[]
}

export interface LandingContext {
  /** What is taken although it looks wrong. */
  readonly accept?: Acceptance
  /** Deliveries landed in this run. */
  readonly landedNow?: string[]
  readonly connection: DuckDBConnection
  readonly deployment: Deployment
  readonly settings: Settings
  readonly storeKey: Buffer
  /** The day that counts as today, yyyy-mm-dd. */
  readonly asOf: string
  /** Owner-only folder for named pipes. */
  readonly folder: string
  readonly report: (line: string) => void
}

/**
 * Lands every waiting file of every contract, each in one transaction. A file that does not fit as a whole is left
 * where it is; the others are still landed, and all that does not fit is said at once.
 * @throws DsrError 'input' naming each file that was not taken, and why
 */
export async function landWaiting(
  context: LandingContext,
  contracts: readonly Contract[],
): Promise<readonly LandedFile[]> {
  requireFeed(context.accept, contracts)
  const landed: LandedFile[] = []
  const problems: string[] = []
  const run = { ...context, landedNow: [] }
  for (const contract of contracts) {
    const corrections = findCorrections(context.deployment, contract)
    const extracts = findFiles(context.deployment, contract).filter(
      ({ path }) => !corrections.some((file) => file.path === path),
    )
    // Corrections come last: they may be of an extract that waits beside them again.
    for (const file of [...extracts, ...corrections]) {
      try {
        if (corrections.includes(file)) {
          await landCorrections(run, contract, file)
          continue
        }
        const result = await landFile(run, contract, file)
        if (result) landed.push(result)
      } catch (error) {
        if (!(error instanceof DsrError) || error.kind !== 'input') throw error
        problems.push(...explain(contract, file, error))
      }
    }
  }
  if (problems.length > 0) {
    throw new DsrError(
      'input',
      problems.join('\n'),
      'The files named were left where they are. Put them or their contracts right, then run again.',
    )
  }
  return landed
}

/** A misspelt feed would be an acceptance of nothing. */
function requireFeed(accept: Acceptance | undefined, contracts: readonly Contract[]): void {
  const feeds = contracts.map(({ feed }) => feed)
  if (accept === undefined || feeds.includes(accept.feed)) return
  const near = nearest(accept.feed, feeds)
  throw new DsrError(
    'input',
    `--accept names no feed of sources/${near === null ? '' : `; the nearest is ${near}`}.`,
    `Give one of: ${feeds.join(', ')}.`,
  )
}

/** One line for each thing wrong with a file, each naming the file. */
export function explain(contract: Contract, file: WaitingFile, error: DsrError): readonly string[] {
  return error.message
    .split('\n')
    .map((line) => `${contract.feed}, ${file.name}: ${line}${error.message.includes('\n') ? '' : ` ${error.remedy}`}`)
}

/**
 * Lands what a live database holds now. Its digest is that of its content, so an unchanged one is known already; there is
 * one delivery for each day, which a later look on the same day replaces.
 */
async function landDatabase(
  context: LandingContext,
  contract: Contract,
  source: WaitingFile,
): Promise<LandedFile | null> {
  const { connection } = context
  const staged = await stageDelivery(
    connection,
    context.folder,
    contract,
    source.path,
    context.asOf,
    context.settings.consent_rules,
  )
  const digest = await digestRaw(connection, staged.raw)
  const [newest] = await query(
    connection,
    'look for the newest delivery',
    `select digest, contract_digest from landing.deliveries where feed = $feed order by delivered_on desc limit 1`,
    { feed: contract.feed },
  )
  if (textIn(newest, 'digest') === digest && textIn(newest, 'contract_digest') === contractDigest(contract)) {
    context.report(`${contract.feed}: ${source.name} is known already`)
    return null
  }
  return await takeStaged(context, contract, source, staged, digest, deliveryId(contract, staged.deliveredOn))
}

async function landFile(context: LandingContext, contract: Contract, file: WaitingFile): Promise<LandedFile | null> {
  if (isDatabase(contract)) return await landDatabase(context, contract, file)
  const { connection } = context
  const before = statSync(file.path)
  const digest = await digestFile(file.path)
  const delivery = deliveryId(contract, digest, basename(file.path))
  const [known] = await query(
    connection,
    'look for a delivery',
    'select contract_digest from landing.deliveries where delivery = $delivery',
    { delivery },
  )
  const isKnown = known !== undefined && textIn(known, 'contract_digest') === contractDigest(contract)
  if (isKnown) {
    context.report(`${contract.feed}: ${file.name} is known already`)
    await dispose(context, file.path, delivery)
    return null
  }
  if (known !== undefined) await refuseLosingCorrections(context, contract, delivery)
  const staged = await stageDelivery(
    connection,
    context.folder,
    contract,
    file.path,
    context.asOf,
    context.settings.consent_rules,
  )
  const after = statSync(file.path)
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new DsrError(
      'input',
      'The file changed while it was read.',
      'Wait until it has arrived whole, then run again.',
    )
  }
  return await takeStaged(context, contract, file, staged, digest, delivery)
}

/** Read anew by a changed contract, a file would bring its wrong records back over those that were put right since. */
async function refuseLosingCorrections(context: LandingContext, { feed }: Contract, delivery: string): Promise<void> {
  const [row] = await query(
    context.connection,
    'count corrections',
    'select count(*) as corrections from landing.resolved where delivery = $delivery',
    { delivery },
  )
  const corrections = numberIn(row, 'corrections')
  if (corrections === 0 || context.accept?.feed === feed) return
  throw new DsrError(
    'input',
    `${corrections} of its records were put right since; reading it anew by the changed contract would undo that.`,
    `Ask for a new extract, or take the wrong records back into quarantine: dsr run --accept ${feed} --reason "…"`,
  )
}

/** Lands what has been read and judged, where there is enough of it and it is sound enough. */
async function takeStaged(
  context: LandingContext,
  contract: Contract,
  file: WaitingFile,
  staged: StagedDelivery,
  digest: string,
  delivery: string,
): Promise<LandedFile> {
  const { connection, settings, storeKey } = context
  requireShare(settings, staged)
  const manifest = checkManifest(file.path, contract, digest, staged)
  const { accept = null, landedNow = [] } = context
  const forcedReason = await refuseDelivery(connection, settings, contract, delivery, staged, landedNow, accept)
  const name = {
    delivery,
    feed: contract.feed,
    fileName: file.name,
    digest,
    contractDigest: contractDigest(contract),
    landedOn: context.asOf,
    forcedReason,
    manifest,
  }
  const gone = await letGo(connection, storeKey, contract, staged.raw)
  if (gone > 0) {
    context.report(`${contract.feed}: ${file.name}, ${gone} rows of people who withdrew let go`)
    await refuseArchive(connection, delivery)
  }
  await landDelivery(connection, readDictionary(), contract, name, staged)
  landedNow.push(delivery)
  context.report(describeTallies(contract, file, staged.tallies))
  if (!isDatabase(contract)) await dispose(context, file.path, delivery)
  return { feed: contract.feed, file: file.name, deliveredOn: staged.deliveredOn, tallies: staged.tallies }
}

/** A file that holds somebody who withdrew is not archived: it would keep what was let go. */
async function dispose(context: LandingContext, path: string, delivery: string): Promise<void> {
  const { connection, deployment, settings, storeKey } = context
  const isRefused = settings.extracts_after_landing === 'archive' && !(await mayArchive(connection, delivery))
  const rule = isRefused ? { ...settings, extracts_after_landing: 'delete' as const } : settings
  await disposeOfFile(deployment, rule, storeKey, path, delivery)
  if (rule.extracts_after_landing !== 'keep') removeManifest(path)
}

/** A file most of which is wrong was read wrongly: better an old register than half of a new one. */
function requireShare(settings: Settings, staged: StagedDelivery): void {
  const problem = shareProblem(settings, staged.tallies)
  if (problem !== null) {
    throw new DsrError(
      'input',
      problem,
      'Run dsr check to see why; most often a date form or a code translation is missing in the contract.',
    )
  }
}

/** Says that more of a file's records would be set aside than the settings allow; null where it is not so. */
export function shareProblem(settings: Settings, tallies: readonly Tally[]): string | null {
  const read = tallies.reduce((sum, tally) => sum + tally.read, 0)
  const quarantined = tallies.reduce((sum, tally) => sum + tally.quarantined, 0)
  if (read === 0 || quarantined / read <= settings.reject_share_limit) return null
  return `${quarantined} of ${read} records would be rejected, more than reject_share_limit allows.`
}

export function describeTallies(contract: Contract, file: WaitingFile, tallies: readonly Tally[]): string {
  const sum = (count: (tally: Tally) => number): string =>
    tallies.reduce((total, tally) => total + count(tally), 0).toLocaleString('en-GB')
  return `${contract.feed}: ${file.name}, ${sum((t) => t.read)} rows read, ${sum((t) => t.accepted)} accepted, ${sum((t) => t.quarantined)} quarantined, ${sum((t) => t.duplicates)} double`
}
