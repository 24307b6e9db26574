import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DsrError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { csvRows, formatCsv, type CsvRow } from './csvRows.ts'
import { quintileOf } from './quintileOf.ts'
import { geographyFolder, readGeography } from './readGeography.ts'

export const geographyKinds = ['lsoas', 'populations'] as const

export type GeographyKind = (typeof geographyKinds)[number]

interface Faults {
  readonly lines: string[]
  add(row: number, text: string): void
}

/** As many as a person can act on at once; the rest is a number. */
const shownFaults = 10

/**
 * Takes the operator's own national file into a deployment, as `<kind>.csv` of its reference folder.
 * - `lsoas`: lsoa21_code, icb24_ods, ltla24_gss, imd2025_decile (1 = most deprived); further columns are not taken.
 *   Districts become upper-tier councils.
 * - `populations`: icb_ods, age_group, people, year, source; or the wide layout icb22_code_h, pop_all, pop_under18,
 *   pop_18plus, with the year in the file name (mid2020).
 * Nothing is written unless every row is right. Returns how many rows were written.
 */
export function importGeography(referenceFolder: string, file: string, kind: GeographyKind): { readonly rows: number } {
  const { header, rows } = csvRows(readText(file))
  if (rows.length === 0) throw wrong(file, 'it has no rows')
  const name = basename(file)
  const [columns, table] = kind === 'lsoas' ? lsoaTable(name, header, rows) : populationTable(name, header, rows)
  mkdirSync(referenceFolder, { recursive: true, mode: 0o700 })
  writeFileSync(join(referenceFolder, `${kind}.csv`), formatCsv(columns, table), { mode: 0o600 })
  return { rows: table.length }
}

function lsoaTable(file: string, header: readonly string[], rows: readonly CsvRow[]): [readonly string[], CsvRow[]] {
  requireColumns(file, header, ['lsoa21_code', 'icb24_ods', 'ltla24_gss', 'imd2025_decile'])
  const icbs = new Set(readGeography().icbs.map((icb) => icb.ods))
  const upperTier = districts()
  const faults = collectFaults()
  const seen = new Set<string>()
  const table = rows.map((row, index) => {
    const {
      lsoa21_code: lsoa21 = '',
      icb24_ods: icb = '',
      ltla24_gss: district = '',
      imd2025_decile: decile = '',
    } = row
    if (!/^E01\d{6}$/.test(lsoa21)) faults.add(index, 'lsoa21_code: expected E01 and six digits')
    else if (seen.has(lsoa21)) faults.add(index, 'lsoa21_code: occurs twice in the file')
    if (!icbs.has(icb)) faults.add(index, 'icb24_ods: expected the ODS code of an ICB in register/geography/icbs.csv')
    if (!upperTier.has(district))
      faults.add(index, 'ltla24_gss: expected a GSS code in register/geography/districts.csv')
    if (!/^([1-9]|10)$/.test(decile)) faults.add(index, 'imd2025_decile: expected 1 to 10')
    seen.add(lsoa21)
    const council = upperTier.get(district) ?? ''
    return { lsoa21, icb_ods: icb, utla_gss: council, imd2025_quintile: quintileOf(decile) }
  })
  refuse(file, faults)
  return [['lsoa21', 'icb_ods', 'utla_gss', 'imd2025_quintile'], table]
}

function populationTable(
  file: string,
  header: readonly string[],
  rows: readonly CsvRow[],
): [readonly string[], CsvRow[]] {
  const columns = ['icb_ods', 'age_group', 'people', 'year', 'source']
  const isWide = header.includes('pop_all')
  const table = isWide ? widePopulations(file, header, rows) : [...rows]
  if (!isWide) requireColumns(file, header, columns)
  const icbs = new Set(readGeography().icbs.map((icb) => icb.ods))
  const faults = collectFaults()
  const seen = new Set<string>()
  table.forEach((row, index) => {
    const at = isWide ? Math.floor(index / 3) : index
    const key = `${row['icb_ods'] ?? ''} ${row['age_group'] ?? ''}`
    if (!icbs.has(row['icb_ods'] ?? '')) faults.add(at, 'ICB: expected an ODS code in register/geography/icbs.csv')
    if (!['all', 'under_18', 'adult'].includes(row['age_group'] ?? ''))
      faults.add(at, 'age_group: expected all, under_18 or adult')
    if (!/^\d+$/.test(row['people'] ?? '')) faults.add(at, 'people: expected a whole number')
    if (!/^\d{4}$/.test(row['year'] ?? '')) faults.add(at, 'year: expected four digits')
    if (seen.has(key)) faults.add(at, 'ICB and age group occur twice in the file')
    seen.add(key)
  })
  refuse(file, faults)
  return [columns, table]
}

/** One row per ICB with a column for each age group, as the ONS estimates come. */
function widePopulations(file: string, header: readonly string[], rows: readonly CsvRow[]): CsvRow[] {
  requireColumns(file, header, ['icb22_code_h', 'pop_all', 'pop_under18', 'pop_18plus'])
  const year = /mid(\d{4})/.exec(file)?.[1]
  if (year === undefined) throw wrong(file, 'its year is not known: the file name should hold it, like mid2020')
  const groups = [
    ['all', 'pop_all'],
    ['under_18', 'pop_under18'],
    ['adult', 'pop_18plus'],
  ] as const
  return rows.flatMap((row) =>
    groups.map(([group, column]) => ({
      icb_ods: row['icb22_code_h'] ?? '',
      age_group: group,
      people: row[column] ?? '',
      year,
      source: `ONS mid-${year} estimates`,
    })),
  )
}

function districts(): ReadonlyMap<string, string> {
  const { rows } = csvRows(readFileSync(join(geographyFolder, 'districts.csv'), 'utf8'))
  return new Map(rows.map((row) => [row['gss'] ?? '', row['utla_gss'] ?? '']))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw wrong(file, 'it cannot be read')
  }
}

function requireColumns(file: string, header: readonly string[], expected: readonly string[]): void {
  const missing = expected.filter((column) => !header.includes(column))
  if (missing.length === 0) return
  const words = missing.map((column) => {
    const near = nearest(column, header)
    return near === null ? column : `${column} (nearest column of the file: ${near})`
  })
  throw wrong(basename(file), `columns are missing: ${words.join(', ')}`)
}

function collectFaults(): Faults {
  const lines: string[] = []
  // Row 1 is the header, so that the number is the one a spreadsheet shows.
  return { lines, add: (row, text) => lines.push(`row ${row + 2}, ${text}`) }
}

function refuse(file: string, { lines }: Faults): void {
  if (lines.length === 0) return
  const rest = lines.length - shownFaults
  const more = rest > 0 ? [`and ${rest} more`] : []
  throw wrong(basename(file), [...lines.slice(0, shownFaults), ...more].join('\n'))
}

function wrong(file: string, what: string): DsrError {
  return new DsrError(
    'input',
    `${file} was not taken: ${what}.`,
    'Put the file right and import it again; register/geography/README.md describes both kinds.',
  )
}
