import { DsrError } from '../../register/errors.ts'
import { suggest } from '../../register/nearest.ts'
import { pseudonymisedTables, type PseudonymisedColumn } from '../../register/pseudonymisedColumns.ts'
import { hasCodes, readCodes } from '../../register/readCodes.ts'
import type { Dictionary } from '../../register/readDictionary.ts'
import { quasiIdentifiers } from '../quasiIdentifiers.ts'
import { levels, type Coarsening, type Project } from './project.ts'

/** One column that a project may have. */
export interface PlannedColumn extends PseudonymisedColumn {
  readonly table: string
  /** Part of a group: an outsider may know it of someone. */
  readonly isKnownOutside: boolean
}

/** How columns are made coarser, by table.column; columns that are not named stay as they are. */
export type Coarsened = ReadonlyMap<string, Coarsening>

export interface ExtractPlan {
  readonly tables: readonly { readonly name: string; readonly columns: readonly PlannedColumn[] }[]
  /** Rung 0 is `always` alone; each further one adds a step of the ladder. */
  readonly rungs: readonly { readonly step: Coarsening | null; readonly coarsened: Coarsened }[]
}

/**
 * Columns that would join two projects' files, or lead back to the register, and that of the opt-out, which has done its
 * work. Without row numbers and feeds.
 */
const ours: ReadonlySet<string> = new Set([
  'row_id',
  'from_row_id',
  'pseudonym',
  'record_key',
  'feed',
  'delivered_on',
  'national_data_opt_out',
])

/** Beside the tables of the dictionary. Whether a person of a statutory feed opted out is not known: they are in no extract. */
const furtherTables = ['coded_notes']

/**
 * Settles which columns a project has, which of them make groups, and what each rung of its ladder does.
 * @throws DsrError `input` that says all that does not fit, with the nearest names
 */
export function planExtract(project: Project, dictionary: Dictionary): ExtractPlan {
  const faults: string[] = []
  const offered = offeredTables(dictionary)
  const tables = Object.entries(project.tables).flatMap(([name, chosen]) => {
    const table = offered.get(name)
    if (!table) {
      faults.push(`tables: there is no table ${name} to extract${suggest(name, [...offered.keys()])}`)
      return []
    }
    for (const column of chosen.filter((wanted) => !table.has(wanted)))
      faults.push(`tables.${name}: there is no column ${column} to extract${suggest(column, [...table.keys()])}`)
    // In the order of the store, whatever that of the file is: the same content gives the same bytes.
    return [{ name, columns: [...table.values()].filter((column) => chosen.includes(column.name)) }]
  })
  const columns = tables.flatMap((table) => table.columns)
  const unknown = reasonedAway(project, columns, faults)
  const expand = (part: string, step: Coarsening): readonly PlannedColumn[] => targetsOf(part, step, columns, faults)
  const always = project.always.flatMap((step) =>
    expand('always', step).map((column) => [keyOf(column), step] as const),
  )
  const ladder = project.ladder.map((step) => ({ step, targets: expand('ladder', step) }))
  if (faults.length > 0)
    throw new DsrError(
      'input',
      [`projects/${project.name}.yml does not fit what the register holds:`, ...faults].join('\n'),
      'docs/dictionary.md lists the columns; docs/external-extracts.md says how each can be made coarser.',
    )
  const rungs: { step: Coarsening | null; coarsened: Coarsened }[] = [{ step: null, coarsened: new Map(always) }]
  for (const { step, targets } of ladder) {
    const before = rungs.at(-1)?.coarsened ?? new Map<string, Coarsening>()
    rungs.push({ step, coarsened: new Map([...before, ...targets.map((column) => [keyOf(column), step] as const)]) })
  }
  return {
    tables: tables.map(({ name, columns: own }) => ({
      name,
      columns: own.map((column) => (unknown.has(keyOf(column)) ? { ...column, isKnownOutside: false } : column)),
    })),
    rungs,
  }
}

export function keyOf({ table, name }: Pick<PlannedColumn, 'table' | 'name'>): string {
  return `${table}.${name}`
}

/** Dates count as known outside unless the project says why not: an admission's day may stand in a newspaper. */
function offeredTables(dictionary: Dictionary): ReadonlyMap<string, ReadonlyMap<string, PlannedColumn>> {
  const names = new Set([...dictionary.map(({ name }) => name), ...furtherTables])
  const tables = pseudonymisedTables(dictionary).filter(({ name }) => names.has(name))
  return new Map(
    tables.map((table) => {
      const telling = new Set(quasiIdentifiers(table, dictionary))
      const columns = table.columns
        .filter(({ name }) => !ours.has(name))
        .map((column): [string, PlannedColumn] => [
          column.name,
          { ...column, table: table.name, isKnownOutside: telling.has(column.name) || column.type === 'date' },
        ])
      return [table.name, new Map(columns)]
    }),
  )
}

/** Columns of `not_known_outside`: only days, for what the dictionary calls identifying is so whatever a project says. */
function reasonedAway(project: Project, columns: readonly PlannedColumn[], faults: string[]): ReadonlySet<string> {
  const named = Object.keys(project.not_known_outside)
  for (const name of named) {
    const column = columns.find((candidate) => keyOf(candidate) === name)
    if (!column)
      faults.push(`not_known_outside: ${name} is not among the chosen columns${suggest(name, columns.map(keyOf))}`)
    else if (column.type !== 'date' || column.name === 'deceased_date')
      faults.push(`not_known_outside: ${name} identifies by the dictionary; only the day of an event can be named here`)
  }
  return new Set(named)
}

function targetsOf(
  part: string,
  step: Coarsening,
  columns: readonly PlannedColumn[],
  faults: string[],
): readonly PlannedColumn[] {
  const targets = columns.filter((column) => step.column === keyOf(column) || step.column === `*.${column.name}`)
  if (targets.length === 0)
    faults.push(`${part}: ${step.column} is not among the chosen columns${suggest(step.column, columns.map(keyOf))}`)
  for (const column of targets) {
    const fault = faultOf(step, column)
    if (fault) faults.push(`${part}: ${keyOf(column)} ${fault}`)
  }
  return targets
}

function faultOf({ to, groups, bands }: Coarsening, { type, list }: PlannedColumn): string | null {
  if (to === 'drop') return null
  if (bands) return type === 'integer' ? null : 'is no whole number: bands do not fit'
  const codes = type === 'varchar' && list !== null ? list.split('|').filter(hasCodes) : []
  if (groups) {
    if (codes.length === 0) return 'holds no single code: groups do not fit'
    const known = new Set(codes.flatMap((name) => readCodes(name).map(({ code }) => code)))
    const unknown = Object.values(groups)
      .flat()
      .filter((code) => !known.has(code))
    return unknown.length > 0 ? `has no code ${unknown.join(', ')} (register/codes/${list}.csv)` : null
  }
  const fitting = [
    ...(type === 'date' ? ['month', 'quarter', 'year'] : []),
    ...(list === 'councils' ? ['icb', 'region'] : []),
    ...(list === 'icbs' ? ['region'] : []),
    ...codes.flatMap((name) => Object.keys(readCodes(name)[0]?.more ?? {})),
  ]
  return fitting.includes(to ?? '')
    ? null
    : `cannot become ${to}; it can become ${[...fitting.filter(isLevel), 'drop'].join(', ')}`
}

function isLevel(name: string): boolean {
  return (levels as readonly string[]).includes(name)
}
