import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'
import { readDictionary } from '../register/readDictionary.ts'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import { unsealCases } from '../store/seals.ts'
import type { Step } from '../store/step.ts'
import { currentVersion } from '../store/versions.ts'
import type { Contract } from './contract.ts'
import { landWaiting, type LandedFile } from './landing/landWaiting.ts'
import type { Acceptance } from './landing/refuseDelivery.ts'
import { prepareLanding } from './landing/prepareLanding.ts'
import { readContracts } from './readContracts.ts'
import { buildRegister, type RegisterCounts } from './register/buildRegister.ts'
import { forgetStage } from './stage/prepareStage.ts'
import { numberIn, query, run, textIn } from './statement.ts'
import { countPersons } from './withdrawal/countServed.ts'
import { withDigestKey } from './withdrawal/digests.ts'
import { destroyArchives, removeLeftOver, rewriteLanding } from './withdrawal/finish.ts'
import { prepareWithdrawal } from './withdrawal/prepareWithdrawal.ts'
import { takeOut, type TakenOut } from './withdrawal/takeOut.ts'

/** What does not fit is spilled, encrypted: a register of a million people is built on a small server. */
const memoryLimit = '3GB'

/** Counts only: no value from the data. */
export interface IngestReport extends RegisterCounts {
  /** Files taken in this run; one that was known already is not among them. */
  readonly landed: readonly LandedFile[]
  /** People taken out of landing in this run. */
  readonly withdrawn: number
  /** Withdrawals whose receipt is to be written once the version is served. */
  readonly receiptsDue: number
  /** Only of a register as it was known on a day: people left out of it because they have withdrawn since. */
  readonly withdrawnSince?: number
}

/**
 * Takes the waiting extracts into landing.duckdb and builds register.duckdb of the version from what each feed says
 * now. Both files are encrypted; only people past the consent gate are in the register. Whoever withdrew is taken out of
 * landing and the archive.
 *
 * With `knownAt`, nothing is landed and nobody taken out: the register is built from what had been landed by that day,
 * without the people who have withdrawn since.
 * @throws DsrError 'input' for contracts or files that do not fit, all at once
 */
export async function ingest(
  step: Step<'store'>,
  { knownAt, accept }: { readonly knownAt?: string; readonly accept?: Acceptance } = {},
): Promise<IngestReport> {
  const { deployment, settings } = step
  const contracts = readContracts(deployment)
  if (knownAt !== undefined) requireLanding(deployment.landing)
  const folder = join(deployment.work, 'ingest')
  rmSync(folder, { recursive: true, force: true })
  for (const needed of [folder, join(folder, 'spill'), dirname(deployment.landing), step.versionFolder]) {
    mkdirSync(needed, { recursive: true, mode: 0o700 })
  }
  removeLeftOver(deployment)
  const database = await openDuckDB({
    attach: [
      { path: deployment.landing, alias: 'landing', key: step.keys.store },
      { path: versionFiles(step.versionFolder).register, alias: 'register', key: step.keys.store },
    ],
    extensions: ['httpfs'],
    tempDirectory: join(folder, 'spill'),
    memoryLimit,
  })
  const { connection } = database
  try {
    await prepareLanding(connection, readDictionary())
    await prepareWithdrawal(connection)
    if (knownAt !== undefined) return await buildAsKnown(connection, contracts, step, knownAt)
    const landed = await landWaiting(
      {
        connection,
        deployment,
        settings,
        storeKey: step.keys.store,
        asOf: step.asOf,
        folder,
        report: step.report,
        ...(accept && { accept }),
      },
      contracts,
    )
    await forgetStage(connection)
    let withdrawn = 0
    const counts = await buildRegister(connection, contracts, settings, step.asOf, {
      afterGate: async () => {
        withdrawn = (await takeOutWithdrawn(connection, contracts, step, folder)).people
      },
    })
    const receiptsDue = await destroyArchives(connection, deployment)
    await run(connection, 'make landing durable', 'checkpoint landing')
    await run(connection, 'make the register durable', 'checkpoint register')
    await rewriteLanding(connection, deployment, step.keys.store)
    step.report(`${counts.people.toLocaleString('en-GB')} people on the register`)
    if (counts.heldOver > 0)
      step.report(
        `${counts.heldOver.toLocaleString('en-GB')} people stay as they were known before, until their records are put right`,
      )
    if (withdrawn > 0) step.report(`${withdrawn.toLocaleString('en-GB')} people who withdrew were taken out`)
    return { landed, withdrawn, receiptsDue, ...counts }
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function takeOutWithdrawn(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  { deployment, keys, asOf }: Step<'store'>,
  folder: string,
): Promise<TakenOut> {
  return withDigestKey(connection, keys.store, () =>
    takeOut(connection, {
      contracts,
      asOf,
      countServed: (persons) => countPersons(currentVersion(deployment), keys.store, join(folder, 'spill'), persons),
      isArchived: (delivery) => existsSync(join(deployment.archive, delivery)),
      unseal: (caseRefs) => unsealCases(deployment, caseRefs),
    }),
  )
}

async function buildAsKnown(
  connection: DuckDBConnection,
  contracts: readonly Contract[],
  step: Step<'store'>,
  knownAt: string,
): Promise<IngestReport> {
  await requireKnown(connection, knownAt)
  const counts = await buildRegister(connection, contracts, step.settings, step.asOf, { knownAt })
  await run(connection, 'make the register durable', 'checkpoint register')
  const [row] = await query(
    connection,
    'count people who withdrew since',
    `select
        (select count(distinct withdrawal) from landing.tombstones where superseded_on is null and recorded_on > cast($day as date))
        + (select count(distinct person_id) from requested_withdrawals) as people`,
    { day: knownAt },
  )
  const withdrawnSince = numberIn(row, 'people')
  step.report(
    `${counts.people.toLocaleString('en-GB')} people on the register as known on ${knownAt}, without ${withdrawnSince.toLocaleString('en-GB')} who have withdrawn since`,
  )
  return { landed: [], withdrawn: 0, receiptsDue: 0, withdrawnSince, ...counts }
}

function requireLanding(path: string): void {
  if (existsSync(path)) return
  throw new DsrError('input', 'Nothing has been landed so far, so nothing was known on any day.', 'Run: dsr run')
}

async function requireKnown(connection: DuckDBConnection, knownAt: string): Promise<void> {
  const [row] = await query(
    connection,
    'look for the first delivery',
    `select strftime(min(landed_on), '%Y-%m-%d') as first from landing.deliveries`,
  )
  const first = textIn(row, 'first')
  if (first !== '' && first <= knownAt) return
  throw new DsrError(
    'input',
    `Nothing was known on ${knownAt}: the first extract was landed ${first === '' ? 'on no day so far' : `on ${first}`}.`,
    'Give a later day.',
  )
}
