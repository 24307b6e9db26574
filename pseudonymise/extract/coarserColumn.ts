import { readGeography } from '../../register/geography/readGeography.ts'
import { readCodes } from '../../register/readCodes.ts'
import { quoteName, quoteText } from '../../store/openDuckDB.ts'
import type { ClosedValues } from '../closedValues.ts'
import { keyOf, type PlannedColumn } from './planExtract.ts'
import type { Coarsening } from './project.ts'

/** A column as it stands in a file of an extract. */
export interface CoarserColumn {
  readonly column: PlannedColumn
  readonly step: Coarsening | null
  /** Its heading: a coarser column says so, admitted_month for example. */
  readonly name: string
  /** Its value as text, from a row of the pseudonymised table under the name `source`. */
  readonly sql: string
  /** Whether the guard lets a text of the file pass. */
  readonly allows: (text: string) => boolean
  /** Codes with what stands for them, where codes are looked up in the temporary table `coarser`. */
  readonly lookup: ReadonlyMap<string, string> | null
}

/** What stands for a code that no group names, and for a council that lies in several ICBs. */
const other = 'other'

/** How one column stands in the files after a step of coarsening (null: as in the store); null where it is dropped. */
export function coarserColumn(
  column: PlannedColumn,
  step: Coarsening | null,
  values: ClosedValues,
): CoarserColumn | null {
  const value = `source.${quoteName(column.name)}`
  const base = { column, step, lookup: null }
  if (step === null) return { ...base, name: column.name, ...unchanged(column, value, values) }
  if (step.to === 'drop') return null
  if (step.bands) return { ...base, name: `${column.name}_band`, ...banded(value, step.bands) }
  const period = step.to === undefined ? undefined : periods[step.to]
  if (period)
    return { ...base, name: `${column.name}_${step.to}`, sql: period.sql(value), allows: matches(period.shape) }
  const lookup = step.groups ? groupLookup(step.groups) : levelLookup(column, step.to ?? '')
  const allowed = new Set([...lookup.values(), other])
  return {
    ...base,
    name: `${column.name}_${step.to ?? 'group'}`,
    sql: lookedUp(column, step, value),
    allows: (text) => allowed.has(text),
    lookup,
  }
}

function unchanged(column: PlannedColumn, value: string, values: ClosedValues): Pick<CoarserColumn, 'sql' | 'allows'> {
  const lists = column.list?.split('|').map((list) => values.get(list)) ?? []
  const isListed = (text: string): boolean => lists.some((list) => list?.has(text))
  switch (column.type) {
    case 'varchar':
      return { sql: value, allows: isListed }
    case 'varchar[]':
      return {
        sql: `array_to_string(list_sort(list_distinct(${value})), '|')`,
        allows: (text) => text.split('|').every(isListed),
      }
    case 'date':
      return { sql: `strftime(${value}, '%Y-%m-%d')`, allows: matches(/^\d{4}-\d{2}-\d{2}$/) }
    case 'boolean':
      return { sql: `cast(${value} as varchar)`, allows: matches(/^(true|false)$/) }
    case 'integer':
    case 'smallint':
      // Short of the ten digits of an NHS number.
      return { sql: `cast(${value} as varchar)`, allows: matches(/^-?\d{1,6}$/) }
    default:
      throw new Error(`${keyOf(column)} is of a type that no extract holds`)
  }
}

const periods: Readonly<Record<string, { readonly sql: (value: string) => string; readonly shape: RegExp }>> = {
  month: { sql: (value) => `strftime(${value}, '%Y-%m')`, shape: /^\d{4}-\d{2}$/ },
  quarter: { sql: (value) => `strftime(${value}, '%Y') || '-Q' || quarter(${value})`, shape: /^\d{4}-Q[1-4]$/ },
  year: { sql: (value) => `strftime(${value}, '%Y')`, shape: /^\d{4}$/ },
}

function banded(value: string, starts: readonly number[]): Pick<CoarserColumn, 'sql' | 'allows'> {
  const sorted = [...new Set(starts)].sort((a, b) => a - b)
  const first = sorted[0] ?? 0
  const names = sorted.map((start, index) => {
    const next = sorted[index + 1]
    return next === undefined ? `${start}+` : `${start}-${next - 1}`
  })
  const cases = sorted
    .map((start, index) => `when ${value} >= ${start} then ${quoteText(names[index] ?? '')}`)
    .reverse()
  const allowed = new Set([...names, `under ${first}`])
  return {
    sql: `case when ${value} is null then null ${cases.join(' ')} else 'under ${first}' end`,
    allows: (text) => allowed.has(text),
  }
}

/** Name of the lookup in the table `coarser`: one for each column and step. */
export function lookupName(column: PlannedColumn, step: Coarsening): string {
  return `${keyOf(column)} ${JSON.stringify(step)}`
}

function lookedUp(column: PlannedColumn, step: Coarsening, value: string): string {
  const found = `(select max(coarse) from coarser where lookup = ${quoteText(lookupName(column, step))} and code = ${value})`
  // The ICB by small area is more exact than by council, where it is known.
  const exact = step.to === 'icb' && column.name === 'residence_utla_gss' ? 'source.residence_icb_ods, ' : ''
  return `case when ${value} is null then null else coalesce(${exact}${found}, '${other}') end`
}

function groupLookup(groups: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(groups).flatMap(([label, codes]) => codes.map((code) => [code, label] as const)))
}

function levelLookup({ list }: PlannedColumn, to: string): ReadonlyMap<string, string> {
  if (to === 'icb' || to === 'region') return placeLookup(list === 'icbs' ? 'icb' : 'council', to)
  const codes = (list?.split('|') ?? []).flatMap((name) => readCodes(name))
  return new Map(codes.map(({ code, more }) => [code, more[to] || other]))
}

function placeLookup(from: 'icb' | 'council', to: 'icb' | 'region'): ReadonlyMap<string, string> {
  const { icbs, councils } = readGeography()
  const regions = new Map(icbs.map((icb) => [icb.ods, icb.regionCode]))
  if (from === 'icb') return regions
  const single = (names: readonly string[]): string => (new Set(names).size === 1 ? (names[0] ?? other) : other)
  const above = councils.map(({ gss, icbs: within }) => {
    return [gss, single(to === 'icb' ? within : within.map((ods) => regions.get(ods) ?? other))] as const
  })
  // Any ICB can be what the small area gives, so each of them may stand in the file.
  return to === 'icb' ? new Map([...above, ...icbs.map(({ ods }) => [ods, ods] as const)]) : new Map(above)
}

function matches(shape: RegExp): (text: string) => boolean {
  return (text) => shape.test(text)
}
