import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../projectRoot.ts'
import { csvRows, type CsvRow } from './csvRows.ts'

export interface Icb {
  readonly ods: string
  readonly gss: string
  readonly name: string
  readonly regionCode: string
  readonly regionName: string
  /** 42 ICBs became 36 on 1 April 2026; true for those that ended then. */
  readonly isAbolished: boolean
}

export interface Council {
  readonly gss: string
  readonly name: string
  readonly region: string
  /** ICBs that its areas fall in. */
  readonly icbs: readonly string[]
}

export interface Population {
  readonly icbOds: string
  readonly ageGroup: 'all' | 'under_18' | 'adult'
  readonly people: number
  readonly year: number
  readonly source: string
}

export interface Lsoa {
  readonly lsoa21: string
  readonly icbOds: string
  readonly utlaGss: string
  /** 1 (most deprived) to 5. */
  readonly quintile: string
}

export interface Geography {
  readonly icbs: readonly Icb[]
  readonly councils: readonly Council[]
  readonly populations: readonly Population[]
  readonly lsoas: readonly Lsoa[]
}

export const geographyFolder: string = join(projectRoot, 'register/geography')

/**
 * Organisations, populations and small areas. `lsoas.csv` and `populations.csv` of `referenceFolder` (a deployment's
 * own, written by importGeography) come before ours; ours hold the small areas of the demo's four ICBs only.
 */
export function readGeography(referenceFolder?: string): Geography {
  return {
    icbs: read('icbs.csv').map(toIcb),
    councils: read('councils.csv').map(toCouncil),
    populations: read('populations.csv', referenceFolder).map(toPopulation),
    lsoas: read('lsoas.csv', referenceFolder).map(toLsoa),
  }
}

/** Which file of a kind counts: the deployment's own when there is one, else ours. */
export function geographyFile(name: string, referenceFolder?: string): string {
  const own = referenceFolder === undefined ? '' : join(referenceFolder, name)
  return own !== '' && existsSync(own) ? own : join(geographyFolder, name)
}

function read(name: string, referenceFolder?: string): readonly CsvRow[] {
  return csvRows(readFileSync(geographyFile(name, referenceFolder), 'utf8')).rows
}

function toIcb(row: CsvRow): Icb {
  return {
    ods: row['ods'] ?? '',
    gss: row['gss'] ?? '',
    name: row['name'] ?? '',
    regionCode: row['region_code'] ?? '',
    regionName: row['region_name'] ?? '',
    isAbolished: row['abolished_2026_04_01'] === 'Y',
  }
}

function toCouncil(row: CsvRow): Council {
  return {
    gss: row['gss'] ?? '',
    name: row['name'] ?? '',
    region: row['region'] ?? '',
    icbs: (row['icbs'] ?? '').split('|').filter((ods) => ods !== ''),
  }
}

function toPopulation(row: CsvRow): Population {
  const group = row['age_group']
  return {
    icbOds: row['icb_ods'] ?? '',
    ageGroup: group === 'under_18' || group === 'adult' ? group : 'all',
    people: Number(row['people']),
    year: Number(row['year']),
    source: row['source'] ?? '',
  }
}

function toLsoa(row: CsvRow): Lsoa {
  return {
    lsoa21: row['lsoa21'] ?? '',
    icbOds: row['icb_ods'] ?? '',
    utlaGss: row['utla_gss'] ?? '',
    quintile: row['imd2025_quintile'] ?? '',
  }
}
