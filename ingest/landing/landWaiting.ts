import type { DuckDBConnection } from '@duckdb/node-api'
import { statSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import type { Settings } from '../../register/settings.ts'
import type { Deployment } from '../../store/deployment.ts'
import type { Contract } from '../contract.ts'
import { stageDelivery, type StagedDelivery, type Tally } from '../stage/stageDelivery.ts'
import { numberIn, query, textIn } from '../statement.ts'
import { disposeOfFile } from './archive.ts'
import { contractDigest, deliveryId, digestFile, findFiles, type WaitingFile } from './findFiles.ts'
import { landDelivery } from './landDelivery.ts'

export interface LandedFile {
  readonly feed: string
  readonly file: string
  readonly deliveredOn: string
  readonly tallies: readonly Tally[]
}

export interface LandingContext {
  readonly connection: DuckDBConnection
  readonly deployment: Deployment
  readonly settings: Settings
  readonly storeKey: Buffer
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
  const landed: LandedFile[] = []
  const problems: string[] = []
  for (const contract of contracts) {
    for (const file of findFiles(context.deployment, contract)) {
      try {
        const result = await landFile(context, contract, file)
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

/** One line for each thing wrong with a file, each naming the file. */
export function explain(contract: Contract, file: WaitingFile, error: DsrError): readonly string[] {
  return error.message
    .split('\n')
    .map((line) => `${contract.feed}, ${file.name}: ${line}${error.message.includes('\n') ? '' : ` ${error.remedy}`}`)
}

async function landFile(context: LandingContext, contract: Contract, file: WaitingFile): Promise<LandedFile | null> {
  const { connection, deployment, settings, storeKey } = context
  const before = statSync(file.path)
  const digest = await digestFile(file.path)
  const delivery = deliveryId(contract, digest)
  const [known] = await query(
    connection,
    'look for a delivery',
    'select contract_digest from landing.deliveries where delivery = $delivery',
    { delivery },
  )
  const isKnown = known !== undefined && textIn(known, 'contract_digest') === contractDigest(contract)
  if (isKnown) {
    context.report(`${contract.feed}: ${file.name} is known already`)
    await disposeOfFile(deployment, settings, storeKey, file.path, delivery)
    return null
  }
  const staged = await stageDelivery(connection, context.folder, contract, file.path)
  const after = statSync(file.path)
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new DsrError(
      'input',
      'The file changed while it was read.',
      'Wait until it has arrived whole, then run again.',
    )
  }
  requireShare(settings, staged)
  await requireRecords(connection, contract, staged)
  const name = { delivery, feed: contract.feed, fileName: file.name, digest, contractDigest: contractDigest(contract) }
  await landDelivery(connection, readDictionary(), contract, name, staged)
  context.report(describeTallies(contract, file, staged.tallies))
  await disposeOfFile(deployment, settings, storeKey, file.path, delivery)
  return { feed: contract.feed, file: file.name, deliveredOn: staged.deliveredOn, tallies: staged.tallies }
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

/** A heading without a record under it would empty a feed's share of the register: an extract that failed, most likely. */
async function requireRecords(connection: DuckDBConnection, contract: Contract, staged: StagedDelivery): Promise<void> {
  if (staged.tallies.some((tally) => tally.read > 0)) return
  const [row] = await query(
    connection,
    'look for earlier records',
    `select count(*) as earlier
    from landing.deliveries as deliveries
    join landing.tallies as tallies using (delivery)
    where deliveries.feed = $feed and tallies.rows_read > 0`,
    { feed: contract.feed },
  )
  if (numberIn(row, 'earlier') === 0) return
  throw new DsrError(
    'input',
    'The file holds no record, but an earlier one of this feed did.',
    'Ask the agency to send it again. If it has nobody to tell of any more, take its contract out of sources.',
  )
}

export function describeTallies(contract: Contract, file: WaitingFile, tallies: readonly Tally[]): string {
  const sum = (count: (tally: Tally) => number): string =>
    tallies.reduce((total, tally) => total + count(tally), 0).toLocaleString('en-GB')
  return `${contract.feed}: ${file.name}, ${sum((t) => t.read)} rows read, ${sum((t) => t.accepted)} accepted, ${sum((t) => t.quarantined)} quarantined, ${sum((t) => t.duplicates)} double`
}
