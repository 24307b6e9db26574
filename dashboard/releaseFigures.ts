import { tableFromIPC } from 'apache-arrow'
import { basename } from 'node:path'
import { DsrError } from '../register/errors.ts'
import {
  cellStates,
  releaseSchema,
  type CubeName,
  type CubeRows,
  type ReleaseDescription,
} from '../register/release.ts'
import type { Deployment } from '../store/deployment.ts'
import { readWholeFolder } from '../store/manifest.ts'
import { currentRelease } from '../store/versions.ts'
import { makeFigures, type Figures } from './figures.ts'

/** A release, wholly in memory: what is served does not change when its folder does. */
export interface ServedRelease {
  readonly description: ReleaseDescription
  readonly figures: Figures
  /** Every file of the release by name, for downloads. */
  readonly files: ReadonlyMap<string, Buffer>
}

export interface Releases {
  /** The release that `store/released` points at; while that one cannot be read, the one before. Null before the first. */
  current(): ServedRelease | null
}

/**
 * Follows the pointer without a restart: each call reads its few bytes (20 µs) and loads a new release once (tens of
 * milliseconds, once a month). A release that is damaged is told of once and never served.
 * @param onFailure told of a release that cannot be read.
 */
export function followReleases(deployment: Deployment, onFailure: (error: unknown) => void): Releases {
  let served: ServedRelease | null = null
  let failed: string | null = null
  return {
    current() {
      const folder = pointedAt(deployment)
      if (folder === null || folder === failed || served?.description.id === basename(folder)) return served
      try {
        served = readRelease(folder)
        failed = null
      } catch (error) {
        failed = folder
        onFailure(error)
      }
      return served
    },
  }
}

/** A pointer that cannot be read is no reason to stop serving what is in memory. */
function pointedAt(deployment: Deployment): string | null {
  try {
    return currentRelease(deployment)
  } catch {
    return null
  }
}

/** Reads and checks one release; throws `corrupt` when a byte of it is not what its manifest says. */
export function readRelease(folder: string): ServedRelease {
  const files = readWholeFolder(folder)
  const parsed = releaseSchema.safeParse(parseJson(files.get('release.json')?.toString('utf8') ?? ''))
  if (!parsed.success || parsed.data.id !== basename(folder)) throw damaged(folder)
  const description = parsed.data
  const read = <Name extends CubeName>(name: Name): CubeRows[Name][] => {
    const bytes = files.get(`${name}.arrow`)
    if (!bytes) throw damaged(folder)
    return readRows(bytes, name, description)
  }
  const rows = {
    people_by_rating_month: read('people_by_rating_month'),
    reviews_by_rating_month: read('reviews_by_rating_month'),
    themes_by_month: read('themes_by_month'),
    gaps_by_service_month: read('gaps_by_service_month'),
    gaps_by_family_reason: read('gaps_by_family_reason'),
  }
  const named = description.icbs.map((code) => ({ code, label: description.labels['places']?.[code] ?? code }))
  const places = [
    { code: 'all', label: description.labels['places']?.['all'] ?? 'Whole register' },
    ...named.sort((a, b) => a.label.localeCompare(b.label, 'en-GB')),
  ]
  const { id, asOf, labels } = description
  return { description, files, figures: makeFigures({ id, asOf, isExact: false, places, labels, rows }) }
}

/** One row object for each cell, with the columns that `release.json` gives the cube. */
function readRows<Name extends CubeName>(bytes: Buffer, name: Name, description: ReleaseDescription): CubeRows[Name][] {
  const dimensions = description.cubes.find((cube) => cube.name === name)?.dimensions ?? []
  const table = tableFromIPC(bytes)
  const columns = dimensions.map(({ column }) => [column, table.getChild(column)] as const)
  const states = table.getChild('state')
  const values = table.getChild('value')
  return Array.from({ length: table.numRows }, (_, at) => {
    const texts = Object.fromEntries(columns.map(([column, vector]) => [column, String(vector?.get(at))]))
    const state = cellStates.find((known) => known === states?.get(at)) ?? 'not_available'
    // A number behind a cell that is not shown would be one that somebody put there; it goes no further.
    const value = state === 'shown' ? Number(values?.get(at)) : null
    return { ...texts, value, state } as CubeRows[Name]
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function damaged(folder: string): DsrError {
  return new DsrError(
    'corrupt',
    `${folder} does not describe itself as a release should.`,
    'Run: dsr run, which releases anew.',
  )
}
