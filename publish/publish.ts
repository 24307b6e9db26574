import type { DuckDBConnection } from '@duckdb/node-api'
import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cubeCsv } from '../register/cubeCsv.ts'
import { figureLabels } from '../register/figureLabels.ts'
import { releaseSchema, type ReleaseDescription } from '../register/release.ts'
import { versionFiles } from '../store/deployment.ts'
import { verifyManifest, writeManifest } from '../store/manifest.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { startFolder } from '../store/versions.ts'
import { cubes } from './cubes.ts'
import { readCoderQuality } from '../register/coderQuality.ts'
import { measureDefinitions, ruleWords } from './definitions.ts'

import { readCube, type Labels } from './readCube.ts'
import { writeArrow } from './writeArrow.ts'

export interface PublishReport {
  readonly releaseId: string
  /** `store/releases/<id>.building`, ready to be finished; or the finished folder, when this release exists already. */
  readonly folder: string
  readonly isNew: boolean
  readonly cells: number
  readonly shown: number
}

interface File {
  readonly name: string
  readonly bytes: Buffer
}

/**
 * Writes the published cells of the version being built as a release: Arrow and CSV of each cube, `release.json`, signed
 * manifest. Its id comes from its content, so the same figures are the same release, byte for byte; one that exists is
 * verified and left alone. Throws `leak` when a cell is not what the disclosure rule allows.
 */
export async function publish(step: Step<'manifest'>): Promise<PublishReport> {
  const database = await openDuckDB({
    attach: [{ path: versionFiles(step.versionFolder).warehouse, alias: 'warehouse', readOnly: true }],
    lockDown: true,
  })
  try {
    const labels = figureLabels(step.settings.icbs)
    const { files, described, cells, shown } = await readCubes(database.connection, labels, step.report)
    const description: Omit<ReleaseDescription, 'id'> = {
      name: step.settings.name,
      madeUp: step.settings.made_up,
      asOf: step.asOf,
      rule: { name: step.settings.disclosure_rule, words: ruleWords(step.settings.disclosure_rule) },
      icbs: [...step.settings.icbs].sort(),
      feeds: await readFeeds(database.connection),
      measures: measureDefinitions(step.settings),
      coder: readCoderQuality(),
      cubes: described,
      labels,
    }
    const digest = createHash('sha256').update(JSON.stringify(description)).digest('hex')
    const release = releaseSchema.parse({ id: `${step.asOf}-${digest.slice(0, 10)}`, ...description })
    const written = writeRelease(step, release, files)
    step.report(`release ${release.id}: ${shown} of ${cells} cells shown${written.isNew ? '' : ', exists already'}`)
    return { releaseId: release.id, ...written, cells, shown }
  } finally {
    database.close()
  }
}

/** The description holds every file's digest, so the id made of it stands for all content. */
async function readCubes(connection: DuckDBConnection, labels: Labels, report: (line: string) => void) {
  const files: File[] = []
  const described: ReleaseDescription['cubes'] = []
  let cells = 0
  let shown = 0
  for (const cube of cubes) {
    const rows = await readCube(connection, cube, labels)
    const columns = cube.dimensions.map((dimension) => dimension.column)
    const arrow = writeArrow(columns, rows)
    files.push({ name: `${cube.name}.arrow`, bytes: arrow })
    files.push({ name: `${cube.name}.csv`, bytes: Buffer.from(cubeCsv(columns, rows)) })
    const { name, title, definition, unit } = cube
    const dimensions = cube.dimensions.map((dimension) => ({ ...dimension }))
    const sha256 = createHash('sha256').update(arrow).digest('hex')
    described.push({ name, title, definition, unit, dimensions, rows: rows.length, sha256 })
    const shownHere = rows.filter((row) => row.state === 'shown').length
    report(`${cube.name}: ${rows.length} cells, ${shownHere} shown`)
    cells += rows.length
    shown += shownHere
  }
  return { files, described, cells, shown }
}

/** Data cut of each agency's feed: what the newest delivery says of itself. No agency is named. */
async function readFeeds(connection: DuckDBConnection): Promise<ReleaseDescription['feeds']> {
  const reader = await connection.runAndReadAll(
    `select feed, agency_kind, strftime(max(delivered_on), '%Y-%m-%d') as delivered_on
     from warehouse.register.feeds group by feed, agency_kind order by feed, agency_kind`,
  )
  return reader.getRowObjects().map((row) => ({
    feed: String(row['feed']),
    agencyKind: String(row['agency_kind']),
    deliveredOn: row['delivered_on'] === null ? null : String(row['delivered_on']),
  }))
}

function writeRelease(
  step: Step<'manifest'>,
  release: ReleaseDescription,
  files: readonly File[],
): { readonly folder: string; readonly isNew: boolean } {
  const finished = join(step.deployment.releases, release.id)
  if (existsSync(finished)) {
    verifyManifest(finished, 'release', step.keys.manifest)
    return { folder: finished, isNew: false }
  }
  const folder = startFolder(step.deployment.releases, release.id)
  const description = { name: 'release.json', bytes: Buffer.from(`${JSON.stringify(release, null, 2)}\n`) }
  for (const { name, bytes } of [...files, description]) writeFileSync(join(folder, name), bytes, { mode: 0o600 })
  writeManifest(folder, 'release', step.keys.manifest)
  return { folder, isNew: true }
}
