import type { DuckDBConnection } from '@duckdb/node-api'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DsrError } from '../register/errors.ts'
import { readGeography } from '../register/geography/readGeography.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { readCodes } from '../register/readCodes.ts'
import { referenceTables } from '../register/referenceTables.ts'
import type { Settings } from '../register/settings.ts'
import { writeTable, type Row } from './writeTable.ts'

/**
 * Writes schema `reference` of the warehouse: what dbt knows besides the register. Settings are rows of a source, not dbt
 * variables: a changed setting needs no new parse, and a unit test can set it (design.md 7).
 *
 * @param catalogue name under which the warehouse is attached; tables of an earlier run are replaced
 * @param asOf the day that counts as today, yyyy-mm-dd
 * @param referenceFolder a deployment's own populations, which come before ours
 * @throws DsrError `input` when a rating has no review interval that holds for every age, place and day
 */
export async function writeReference(
  connection: DuckDBConnection,
  catalogue: string,
  settings: Settings,
  asOf: string,
  referenceFolder?: string,
): Promise<void> {
  requireIntervals(settings)
  const { icbs, councils, populations } = readGeography(referenceFolder)
  const rows: Readonly<Record<string, readonly Row[]>> = {
    settings: settingRows(settings, asOf),
    review_intervals: settings.review_intervals.map((rule) => ({ ...rule })),
    codes: codeLists().flatMap((list) => readCodes(list).map(({ code, label }) => ({ list, code, label }))),
    services: readCodes('services').map(({ code, label, more }) => ({ ...more, code, label })),
    organisations: [
      ...icbs.map(({ ods, name, regionCode }) => ({ code: ods, kind: 'icb', name, region_code: regionCode })),
      ...councils.map(({ gss, name }) => ({ code: gss, kind: 'council', name, region_code: null })),
    ],
    populations: populations.map(({ icbOds, ageGroup, people }) => ({
      icb_ods: icbOds,
      age_group: ageGroup,
      people,
    })),
  }
  await connection.run(`create schema if not exists ${catalogue}.reference`)
  for (const table of referenceTables) {
    await writeTable(connection, `${catalogue}.reference`, table, rows[table.name] ?? [])
  }
}

/** Settings that are one value, and the ICBs with commas between. A nested one has its own table or is not dbt's. */
function settingRows(settings: Settings, asOf: string): readonly Row[] {
  const plain = Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'object' || name === 'as_of' ? [] : [{ name, value: String(value) }],
  )
  return [{ name: 'as_of', value: asOf }, { name: 'icbs', value: settings.icbs.join(',') }, ...plain]
}

/** A person without an interval would never be due: silence must not look like safety. */
function requireIntervals(settings: Settings): void {
  for (const { code } of readCodes('ratings')) {
    const rules = settings.review_intervals.filter((rule) => rule.rating === code)
    if (isGapless(rules.filter((rule) => rule.age_band === 'any' && rule.place === 'any'))) continue
    throw new DsrError(
      'input',
      `review_intervals has no interval for ${code} that holds for every age, place and day.`,
      'Add one to dsr.yml without age_band and place; where it is dated, let the first begin on 1900-01-01, each next one on the day after, and leave the last open.',
    )
  }
}

/** Whether dated rules follow one another from 1900 on without a day between, the last without an end. */
function isGapless(rules: readonly { readonly valid_from: string; readonly valid_to: string | null }[]): boolean {
  let covered = '1900-01-01'
  for (const rule of [...rules].sort((a, b) => (a.valid_from < b.valid_from ? -1 : 1))) {
    if (rule.valid_from > covered) return false
    if (rule.valid_to === null) return true
    const next = dayAfter(rule.valid_to)
    if (next > covered) covered = next
  }
  return false
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

function codeLists(): readonly string[] {
  return readdirSync(join(projectRoot, 'register/codes'))
    .filter((file) => file.endsWith('.csv'))
    .map((file) => basename(file, '.csv'))
    .sort()
}
