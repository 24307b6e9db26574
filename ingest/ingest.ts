import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readDictionary } from '../register/readDictionary.ts'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { landWaiting, type LandedFile } from './landing/landWaiting.ts'
import { prepareLanding } from './landing/prepareLanding.ts'
import { readContracts } from './readContracts.ts'
import { buildRegister, type RegisterCounts } from './register/buildRegister.ts'
import { run } from './statement.ts'

/** Counts only: no value from the data. */
export interface IngestReport extends RegisterCounts {
  /** Files taken in this run; one that was known already is not among them. */
  readonly landed: readonly LandedFile[]
}

/**
 * Takes the waiting extracts into landing.duckdb and builds register.duckdb of the version from what each feed says
 * now. Both files are encrypted; only people past the consent gate are in the register.
 * @throws DsrError 'input' for contracts or files that do not fit, all at once
 */
export async function ingest(step: Step<'store'>): Promise<IngestReport> {
  const { deployment, settings } = step
  const contracts = readContracts(deployment)
  const folder = join(deployment.work, 'ingest')
  rmSync(folder, { recursive: true, force: true })
  for (const needed of [folder, join(folder, 'spill'), dirname(deployment.landing), step.versionFolder]) {
    mkdirSync(needed, { recursive: true, mode: 0o700 })
  }
  const database = await openDuckDB({
    attach: [
      { path: deployment.landing, alias: 'landing', key: step.keys.store },
      { path: versionFiles(step.versionFolder).register, alias: 'register', key: step.keys.store },
    ],
    extensions: contracts.some((contract) => contract.read.format === 'xlsx') ? ['httpfs', 'excel'] : ['httpfs'],
    tempDirectory: join(folder, 'spill'),
  })
  const { connection } = database
  try {
    await prepareLanding(connection, readDictionary())
    const landed = await landWaiting(
      { connection, deployment, settings, storeKey: step.keys.store, folder, report: step.report },
      contracts,
    )
    const counts = await buildRegister(connection, contracts, settings, step.asOf)
    await run(connection, 'make landing durable', 'checkpoint landing')
    await run(connection, 'make the register durable', 'checkpoint register')
    step.report(`${counts.people.toLocaleString('en-GB')} people on the register`)
    return { landed, ...counts }
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
