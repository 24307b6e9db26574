import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, exit, stderr, stdout } from 'node:process'
import { csvRows, formatCsv, type CsvRow } from './csvRows.ts'
import { quintileOf } from './quintileOf.ts'
import { geographyFolder } from './readGeography.ts'

/** The ICBs of North East and Yorkshire, where the demo's made-up people live. */
const demoIcbs = new Set(['QOQ', 'QF7', 'QWO', 'QHM'])

/** The published look-up puts Nottingham in North East and Yorkshire; NHS England lists it under Midlands. */
const regionCorrections: Readonly<Record<string, readonly [string, string]>> = { QT1: ['Y60', 'Midlands'] }

const columns = {
  'icbs.csv': ['ods', 'gss', 'name', 'region_code', 'region_name', 'abolished_2026_04_01'],
  'councils.csv': ['gss', 'name', 'region', 'icbs'],
  'districts.csv': ['gss', 'name', 'utla_gss'],
  'populations.csv': ['icb_ods', 'age_group', 'people', 'year', 'source'],
  'lsoas.csv': ['lsoa21', 'icb_ods', 'utla_gss', 'imd2025_quintile'],
} as const

type GeographyFile = keyof typeof columns

export interface GeographySources {
  readonly icbs: readonly CsvRow[]
  readonly authorities: readonly CsvRow[]
  readonly lsoas: readonly CsvRow[]
}

/** Our small tables, as rows, from the publishers' larger ones. */
export function extractGeography(sources: GeographySources): Record<GeographyFile, readonly CsvRow[]> {
  const upperTier = new Map(sources.authorities.map((row) => [row['LADCD'] ?? '', row['UTLACD'] ?? '']))
  const lsoas = sources.lsoas.map((row) => ({
    lsoa21: row['lsoa21_code'] ?? '',
    icb_ods: row['icb24_ods'] ?? '',
    utla_gss: upperTier.get(row['ltla24_gss'] ?? '') ?? '',
    imd2025_quintile: quintileOf(row['imd2025_decile'] ?? ''),
  }))
  return {
    'icbs.csv': sources.icbs.map(toIcb),
    'councils.csv': councilsOf(sources.authorities, lsoas),
    'districts.csv': sources.authorities.map((row) => ({
      gss: row['LADCD'] ?? '',
      name: row['LADNM'] ?? '',
      utla_gss: row['UTLACD'] ?? '',
    })),
    'populations.csv': sources.icbs.flatMap(toPopulations),
    'lsoas.csv': lsoas.filter((row) => demoIcbs.has(row.icb_ods)),
  }
}

function toIcb(row: CsvRow): CsvRow {
  const ods = row['icb_ods'] ?? ''
  const [regionCode, regionName] = regionCorrections[ods] ?? [
    row['nhs_region_code'] ?? '',
    row['nhs_region_name'] ?? '',
  ]
  return {
    ods,
    gss: row['icb24_gss'] ?? '',
    name: row['icb_name'] ?? '',
    region_code: regionCode,
    region_name: regionName,
    abolished_2026_04_01: row['abolished_2026_04_01'] ?? '',
  }
}

function toPopulations(row: CsvRow): readonly CsvRow[] {
  const groups = [
    ['all', 'pop_mid2020_all'],
    ['under_18', 'pop_mid2020_under18'],
    ['adult', 'pop_mid2020_18plus'],
  ] as const
  return groups.map(([group, column]) => ({
    icb_ods: row['icb_ods'] ?? '',
    age_group: group,
    people: row[column] ?? '',
    year: '2020',
    source: 'ONS mid-2020 estimates',
  }))
}

function councilsOf(authorities: readonly CsvRow[], lsoas: readonly CsvRow[]): readonly CsvRow[] {
  const icbs = new Map<string, Set<string>>()
  for (const { utla_gss: council = '', icb_ods: icb = '' } of lsoas) {
    icbs.set(council, (icbs.get(council) ?? new Set()).add(icb))
  }
  const current = authorities.filter((row) => row['Current'] === 'TRUE')
  const councils = new Map(current.map((row) => [row['UTLACD'] ?? '', row]))
  return [...councils]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([gss, row]) => ({
      gss,
      name: row['UTLANM'] ?? '',
      region: row['RGNNM'] ?? '',
      icbs: [...(icbs.get(gss) ?? [])].sort().join('|'),
    }))
}

/** Rewrites the tables of this folder from a folder of the publishers' files (README.md names them). */
function main(folder: string | undefined): number {
  if (folder === undefined) {
    stderr.write('Give the folder that holds the files that register/geography/README.md names.\n')
    return 1
  }
  const read = (name: string): readonly CsvRow[] => csvRows(readFileSync(join(folder, name), 'utf8')).rows
  const tables = extractGeography({
    icbs: read('icb_2024_42.csv'),
    authorities: read('england_local_authorities.csv'),
    lsoas: read('lsoa21_lookup_icb24_ltla24_imd2025.csv'),
  })
  for (const name of Object.keys(columns) as GeographyFile[]) {
    writeFileSync(join(geographyFolder, name), formatCsv(columns[name], tables[name]))
    stdout.write(`${name}: ${tables[name].length} rows\n`)
  }
  return 0
}

if (argv[1]?.endsWith('extract.js')) exit(main(argv[2]))
