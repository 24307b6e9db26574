import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { londonDay } from '../register/londonDay.ts'
import type { Settings } from '../register/settings.ts'
import { writeFileAtomically } from '../store/atomicFile.ts'
import { readSettings, versionFiles, type Deployment } from '../store/deployment.ts'
import { lockDeployment } from '../store/lock.ts'
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
import { spawnStep } from './spawnStep.ts'
import type { StepName } from './steps.ts'

export type Report = (step: string, line: string) => void

/** `manifest.json` of a version: what it was made from and what each step counted. */
interface VersionManifest {
  readonly id: string
  readonly asOf: string
  readonly inputs: Inputs
  readonly steps: Readonly<Record<string, StepOutcome>>
}

/** How long a step took and what it counted. */
interface StepOutcome {
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
export async function run(deployment: Deployment, report: Report): Promise<RunResult> {
  const settings = readSettings(deployment)
  const lock = lockDeployment(deployment)
  try {
    removeUnfinished(deployment)
    return await buildAndPublish(deployment, settings, report)
  } finally {
    lock.release()
  }
}

async function buildAndPublish(deployment: Deployment, settings: Settings, report: Report): Promise<RunResult> {
  const asOf = dayThatCounts(settings)
  const last = lastManifest(deployment)
  const inputs = await readInputs(deployment, asOf, last?.inputs.extracts ?? [])
  const release = orNull(() => currentRelease(deployment))
  // A run that stopped half-way may have landed files that no version holds, or left a release of an older version.
  const isFinished = !existsSync(deployment.unfinished)
  if (last && release && isFinished && isSame(last.inputs, inputs)) {
    report('run', `nothing new since version ${last.id}`)
    return { versionId: last.id, releaseId: basename(release), isNew: false }
  }
  writeFileAtomically(deployment.unfinished, '')
  const version = await buildVersion(deployment, asOf, inputs, report)
  const releaseId = await publishRelease(deployment, asOf, version, report)
  rmSync(deployment.unfinished)
  return { versionId: basename(version), releaseId, isNew: true }
}

async function buildVersion(deployment: Deployment, asOf: string, inputs: Inputs, report: Report): Promise<string> {
  const id = versionId(deployment, asOf)
  const folder = startFolder(deployment.versions, id)
  const results: Record<string, StepOutcome> = {}
  for (const name of ['ingest', 'pseudonymise', 'transform', 'guard-warehouse'] as const) {
    results[name] = await perform(name, { deployment, asOf, versionFolder: folder, releaseFolder: '' }, report)
  }
  const manifest: VersionManifest = { id, asOf, inputs, steps: results }
  writeFileSync(versionFiles(folder).manifest, `${JSON.stringify(manifest, null, 2)}\n`)
  report('switch', `to version ${id}`)
  const finished = finishFolder(folder)
  swingPointer(deployment.currentPointer, id)
  removeOtherVersions(deployment, id)
  return finished
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
function lastManifest(deployment: Deployment): VersionManifest | null {
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
