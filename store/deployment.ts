import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { DsrError } from '../register/errors.ts'
import { checkSettings, type Settings } from '../register/settings.ts'

/** Every path of a deployment folder (design.md 4). Nothing else in the project joins these names. */
export interface Deployment {
  readonly home: string
  readonly settingsFile: string
  readonly sources: string
  readonly extracts: string
  /** One file for each external project that may have an extract. */
  readonly projects: string
  /** Extracts made for external projects from the current version. */
  readonly extractsOut: string
  /** The operator's own national look-ups, where they were imported. */
  readonly reference: string
  readonly secrets: string
  readonly store: string
  readonly landing: string
  /** What dsr pull has fetched so far, by its place and version. */
  readonly pulled: string
  readonly archive: string
  /** One file for each withdrawal that was carried out: days and counts. */
  readonly receipts: string
  /** Another content after each decision on links: the next run then builds anew. */
  readonly linksChanged: string
  readonly versions: string
  readonly currentPointer: string
  readonly releases: string
  readonly releasedPointer: string
  readonly lock: string
  /** There from the beginning of a run until its release is switched to: the next run then builds anew. */
  readonly unfinished: string
  readonly appDatabase: string
  readonly auditDatabase: string
  /** Where the restricted process listens. */
  readonly socket: string
  /** Spill files and dbt's artefacts of a running build; emptied at each start. */
  readonly work: string
  /** What dbt made of its own project the last time: no data, and seconds less for each run. */
  readonly parsedModels: string
}

export function deploymentAt(home: string): Deployment {
  const at = (...parts: string[]): string => join(resolve(home), ...parts)
  return {
    home: at(),
    settingsFile: at('dsr.yml'),
    sources: at('sources'),
    extracts: at('extracts'),
    projects: at('projects'),
    extractsOut: at('extracts_out'),
    reference: at('reference'),
    secrets: at('secrets'),
    store: at('store'),
    landing: at('store/landing.duckdb'),
    pulled: at('store/pulled.json'),
    archive: at('store/archive'),
    receipts: at('store/receipts'),
    linksChanged: at('store/links-changed'),
    versions: at('store/versions'),
    currentPointer: at('store/current'),
    releases: at('store/releases'),
    releasedPointer: at('store/released'),
    lock: at('store/lock.db'),
    unfinished: at('store/unfinished'),
    appDatabase: at('store/app.db'),
    auditDatabase: at('store/audit.db'),
    socket: at('store/restricted.sock'),
    work: at('store/work'),
    parsedModels: at('store/parsed_models.msgpack'),
  }
}

/** The files of one version; `folder` is that of the version, finished or still being built. */
export function versionFiles(folder: string): { register: string; warehouse: string; manifest: string } {
  return {
    register: join(folder, 'register.duckdb'),
    warehouse: join(folder, 'warehouse.duckdb'),
    manifest: join(folder, 'manifest.json'),
  }
}

/** Reads and checks `dsr.yml`; an unknown setting is an error that names its nearest match. */
export function readSettings(deployment: Deployment): Settings {
  return checkSettings(parseSettings(deployment.settingsFile, readSettingsFile(deployment)), deployment.settingsFile)
}

function readSettingsFile(deployment: Deployment): string {
  try {
    return readFileSync(deployment.settingsFile, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
      throw error
    throw new DsrError(
      'input',
      `${deployment.home} is not a deployment: it has no dsr.yml.`,
      'Name the right folder with --home, or make one there: dsr init, or dsr demo for made-up data.',
    )
  }
}

function parseSettings(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    const line = error.linePos?.[0].line
    throw new DsrError(
      'input',
      `${file}${line === undefined ? '' : `, line ${line}`}: this is not YAML.`,
      'Look there and in the line above at the indentation and for a missing quote or bracket.',
    )
  }
}
