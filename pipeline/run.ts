import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { IngestReport } from '../ingest/ingest.ts'
import type { Acceptance } from '../ingest/landing/refuseDelivery.ts'
import { DsrError } from '../register/errors.ts'
import { londonDay } from '../register/londonDay.ts'
import type { Settings } from '../register/settings.ts'
import { writeFileAtomically } from '../store/atomicFile.ts'
import { readSettings, versionFiles, type Deployment } from '../store/deployment.ts'
import { lockDeployment } from '../store/lock.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import {
  currentRelease,
  currentVersion,
  finishFolder,
  removeOtherVersions,
  removeUnfinished,
  startFolder,
  swingPointer,
} from '../store/versions.ts'
import { readInputs, type Inputs } from './fingerprint.ts'
import { destroyKeysRotatedAway, requireKeyInUse, requireSameCounts } from './keyRotation.ts'
import { spawnStep } from './spawnStep.ts'
import type { StepName } from './steps.ts'

/** Steps that make a version, in their order. */
const buildingSteps = ['ingest', 'pseudonymise', 'transform', 'guard-warehouse'] as const

export type Report = (step: string, line: string) => void

/** `manifest.json` of a version: what it was made from and what each step counted. */
export interface VersionManifest {
  readonly id: string
  readonly asOf: string
  readonly inputs: Inputs
  readonly steps: Readonly<Record<string, StepOutcome>>
}

/** How long a step took and what it counted. */
export interface StepOutcome {
  readonly seconds: number
  readonly result: unknown
}

export interface RunResult {
  readonly versionId: string
  readonly releaseId: string
  readonly isNew: boolean
}

/**
 * Builds a version beside the one that is served, checks it, swings `store/current` to it, then publishes a release
 * and swings `store/released`. A kill at any point leaves both pointers on finished folders.
 */
export async function run(deployment: Deployment, report: Report, accept?: Acceptance): Promise<RunResult> {
  const settings = readSettings(deployment)
  const lock = lockDeployment(deployment)
  try {
    removeUnfinished(deployment)
    return await buildAndPublish(deployment, settings, report, accept)
  } finally {
    lock.release()
  }
}

/** The same for whoever holds the deployment's lock already. */
export async function buildAndPublish(
  deployment: Deployment,
  settings: Settings,
  report: Report,
  accept?: Acceptance,
): Promise<RunResult> {
  const asOf = dayThatCounts(settings)
  const last = lastManifest(deployment)
  requireKeyInUse(deployment, last)
  const inputs = await readInputs(deployment, asOf, last?.inputs.extracts ?? [])
  const release = orNull(() => currentRelease(deployment))
  // A run that stopped half-way may have landed files that no version holds, or left a release of an older version.
  const isFinished = !existsSync(deployment.unfinished)
  if (last && release && isFinished && isSame(last.inputs, inputs)) {
    report('run', `nothing new since version ${last.id}`)
    removeOtherVersions(deployment, last.id)
    destroyKeysRotatedAway(deployment, last, report)
    return { versionId: last.id, releaseId: basename(release), isNew: false }
  }
  writeFileAtomically(deployment.unfinished, '')
  const alike = last && isFinished && isSameData(last.inputs, inputs) ? last : null
  const version = await buildVersion(deployment, asOf, inputs, report, alike, accept)
  const releaseId = await publishRelease(deployment, asOf, version, report)
  rmSync(deployment.unfinished)
  destroyKeysRotatedAway(deployment, lastManifest(deployment), report)
  return { versionId: basename(version), releaseId, isNew: true }
}

async function buildVersion(
  deployment: Deployment,
  asOf: string,
  inputs: Inputs,
  report: Report,
  alike: VersionManifest | null,
  accept?: Acceptance,
): Promise<string> {
  const id = versionId(deployment, asOf)
  const folder = startFolder(deployment.versions, id)
  const results: Record<string, StepOutcome> = {}
  for (const name of buildingSteps) {
    results[name] = await perform(
      name,
      { deployment, asOf, versionFolder: folder, releaseFolder: '', ...(accept && { accept }) },
      report,
    )
  }
  if (alike) requireSameCounts(alike, results)
  const manifest: VersionManifest = { id, asOf, inputs, steps: results }
  writeFileSync(versionFiles(folder).manifest, `${JSON.stringify(manifest, null, 2)}\n`)
  report('switch', `to version ${id}`)
  const finished = finishFolder(folder)
  swingPointer(deployment.currentPointer, id)
  removeOtherVersions(deployment, id)
  // Only now is the person in no version: the receipt can say so.
  if (receiptsDue(results['ingest']?.result) > 0)
    await perform('receipts', { deployment, asOf, versionFolder: finished, releaseFolder: '' }, report)
  return finished
}

function receiptsDue(ingested: unknown): number {
  return (ingested as IngestReport | undefined)?.receiptsDue ?? 0
}

export interface KnownRegister {
  /** Folder of the version; the next ordinary run removes it. */
  readonly folder: string
  readonly people: number
  readonly overdue: number
  /** People left out of it because they have withdrawn since. */
  readonly withdrawnSince: number
}

/**
 * Builds a version of the register as it was known on a day: from what had been landed by then, without the people who
 * have withdrawn since. It stands beside the one that is served; nothing is switched to it and nothing released.
 * @throws DsrError 'input' for a day that is not over or not a day, and while withdrawals wait for an ordinary run
 */
export async function runAsKnownAt(deployment: Deployment, day: string, report: Report): Promise<KnownRegister> {
  const settings = readSettings(deployment)
  requireKnownDay(day, dayThatCounts(settings))
  const lock = lockDeployment(deployment)
  try {
    if (existsSync(deployment.unfinished))
      throw new DsrError(
        'input',
        'A run has not been finished, or a withdrawal waits for one.',
        'Run first: dsr run. Then ask again for what was known on a day.',
      )
    removeUnfinished(deployment)
    return await buildKnown(deployment, day, report)
  } finally {
    lock.release()
  }
}

function requireKnownDay(day: string, asOf: string): void {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new DsrError('input', '--as-known-at is not a day.', 'Write it like 2026-10-31.')
  if (day > asOf)
    throw new DsrError(
      'input',
      `${day} is after ${asOf}, the day that counts as today: nothing is known of it.`,
      `Give a day up to ${asOf}.`,
    )
}

async function buildKnown(deployment: Deployment, day: string, report: Report): Promise<KnownRegister> {
  const id = `${day}.known`
  const folder = startFolder(deployment.versions, id)
  const place = { deployment, asOf: day, versionFolder: folder, releaseFolder: '', knownAt: day }
  const results: Record<string, StepOutcome> = {}
  for (const name of buildingSteps) results[name] = await perform(name, place, report)
  const ingested = results['ingest']?.result as IngestReport | undefined
  const overdue = await countOverdue(folder)
  const manifest = { id, asOf: day, knownAt: day, steps: results }
  writeFileSync(versionFiles(folder).manifest, `${JSON.stringify(manifest, null, 2)}\n`)
  rmSync(join(deployment.versions, id), { recursive: true, force: true })
  return {
    folder: finishFolder(folder),
    people: ingested?.people ?? 0,
    overdue,
    withdrawnSince: ingested?.withdrawnSince ?? 0,
  }
}

async function countOverdue(folder: string): Promise<number> {
  const path = versionFiles(folder).warehouse
  const database = await openDuckDB({ attach: [{ path, alias: 'warehouse', readOnly: true }], lockDown: true })
  try {
    const sql =
      'select cast(count(*) filter (where is_overdue) as integer) as overdue from warehouse.marts.mart_worklist'
    const reader = await database.connection.runAndReadAll(sql)
    return Number(reader.getRowObjects()[0]?.['overdue'] ?? 0)
  } finally {
    database.close()
  }
}

async function publishRelease(
  deployment: Deployment,
  asOf: string,
  versionFolder: string,
  report: Report,
): Promise<string> {
  const place = { deployment, asOf, versionFolder, releaseFolder: '' }
  const published = await perform('publish', place, report)
  const { releaseId, folder } = published.result as { releaseId: string; folder: string }
  await perform('guard-release', { ...place, releaseFolder: folder }, report)
  report('switch', `to release ${releaseId}`)
  if (basename(folder) !== releaseId) finishFolder(folder)
  swingPointer(deployment.releasedPointer, releaseId)
  return releaseId
}

async function perform(name: StepName, place: Parameters<typeof spawnStep>[1], report: Report): Promise<StepOutcome> {
  const started = performance.now()
  report(name, 'started')
  const result = await spawnStep(name, place, (line) => report(name, line))
  const seconds = Math.round(performance.now() - started) / 1000
  report(name, `done in ${seconds.toFixed(1)} s`)
  return { seconds, result }
}

/** The manifest of the version that is served; a damaged pointer or manifest means that everything is built again. */
export function lastManifest(deployment: Deployment): VersionManifest | null {
  return orNull(() => {
    const folder = currentVersion(deployment)
    if (!folder) return null
    const files = versionFiles(folder)
    if (![files.manifest, files.register, files.warehouse].every(existsSync)) return null
    return JSON.parse(readFileSync(files.manifest, 'utf8')) as VersionManifest
  })
}

function orNull<Read>(read: () => Read | null): Read | null {
  try {
    return read()
  } catch {
    return null
  }
}

function isSame(a: Inputs, b: Inputs): boolean {
  return isSameData(a, b) && a.pseudonymKey?.check === b.pseudonymKey?.check
}

/** The same rules over the same files: whatever the key is, the counts must be the same. */
function isSameData(a: Inputs, b: Inputs): boolean {
  return a.rules === b.rules && a.extracts.join() === b.extracts.join()
}

/**
 * Versions are numbered on from the newest one: 2026-11-01.1, 2026-11-02.2 … Only the newest is kept, so a number that
 * began anew would be given twice, and whoever still has the older version of that name open would go on serving it.
 */
function versionId(deployment: Deployment, asOf: string): string {
  const names = existsSync(deployment.versions) ? readdirSync(deployment.versions) : []
  const numbers = names.map((name) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0))
  return `${asOf}.${Math.max(0, ...numbers) + 1}`
}

/** `as_of` of the settings; `today` is the day in London. */
export function dayThatCounts(settings: Settings, now: Date = new Date()): string {
  if (settings.as_of !== 'today') return settings.as_of
  return londonDay(now)
}
