import type { DuckDBConnection } from '@duckdb/node-api'
import { nearest } from '../register/nearest.ts'
import { tableNames } from '../register/readDictionary.ts'
import { blocksOf, columnsOf, holdsJson, mappingOf, type Block, type Contract } from './contract.ts'
import { appearanceOf } from './lookAlike.ts'
import { cleanHeading, type RawTable } from './read/readRaw.ts'
import { numberIn, query } from './statement.ts'

/**
 * Compares what a file has with what its contract names. Gives sentences; none when all fits. Every column has to be
 * mapped or ignored, so that a new or renamed column is seen on the day it comes, not when a figure looks odd.
 */
export async function checkHeadings(
  connection: DuckDBConnection,
  contract: Contract,
  raw: RawTable,
): Promise<readonly string[]> {
  if (holdsJson(contract)) return checkPaths(contract, raw)
  const mapped = columnsOfSheet(contract, raw.sheet)
  const ignored = new Set(contract.ignore.map(foldHeading))
  const found = raw.headings.map(foldHeading)
  const place = raw.sheet === '' ? '' : `sheet ${raw.sheet}, `
  const missing = mapped.filter((name) => !found.includes(foldHeading(name)))
  // A file without its heading row would have the first person's values as headings: then none is printed.
  if (missing.length * 2 > mapped.length) {
    return [
      `${place}the heading row has only ${mapped.length - missing.length} of the ${mapped.length} columns of the contract: check skip_rows, the delimiter and whether this is the right file.`,
    ]
  }
  const problems: string[] = []
  const surplus = raw.headings.filter(
    (name) =>
      name !== '' &&
      !mapped.some((known) => foldHeading(known) === foldHeading(name)) &&
      !ignored.has(foldHeading(name)),
  )
  for (const name of missing) {
    const twin = surplus.find((other) => appearanceOf(other) === appearanceOf(name))
    const like =
      twin === undefined
        ? nearestOf(name, surplus)
        : ' A column of the file only looks like it: it is spelt with invisible characters or letters of another alphabet.'
    problems.push(
      `${place}column “${printable(name)}” is missing.${like} Correct its name in the contract, or ask for the column.`,
    )
  }
  for (const name of surplus) {
    problems.push(
      `${place}column “${printable(name)}” is unknown${nearestIn(name, mapped)}. Map it, or list it under ignore.`,
    )
  }
  for (const name of new Set(
    raw.headings.filter(
      (name, index) => name !== '' && found.indexOf(foldHeading(name)) !== index && !ignored.has(foldHeading(name)),
    ),
  )) {
    problems.push(`${place}column “${printable(name)}” stands twice. Ask the agency to name one of them differently.`)
  }
  problems.push(...problemsOfNames(raw.headings, place))
  problems.push(...(await checkUnnamed(connection, raw, place)))
  return problems
}

function nearestOf(name: string, surplus: readonly string[]): string {
  const near = nearest(name, surplus)
  return near === null ? '' : ` The nearest in the file is “${printable(near)}”.`
}

function nearestIn(name: string, mapped: readonly string[]): string {
  const near = nearest(name, mapped)
  return near === null ? '' : `; the nearest in the contract is “${printable(near)}”`
}

const longestHeading = 200
/** Names that mean something else to a program that makes objects of rows, ours or one that our exports go to. */
const namesOfObjects = new Set(['__proto__', 'constructor', 'prototype'])

/** Names that nobody should send: too long to be one, with a meaning of their own, or alike to the eye. */
function problemsOfNames(names: readonly string[], place: string): readonly string[] {
  const problems = names.flatMap((name, index) => {
    if (name.length > longestHeading)
      return [
        `${place}the heading of column ${index + 1} is longer than ${longestHeading} characters. Check skip_rows and the delimiter.`,
      ]
    const parts = name.split('.').map(appearanceOf)
    return parts.some((part) => namesOfObjects.has(part))
      ? [
          `${place}column ${index + 1} has a name that programs keep for themselves. Ask the agency to name it differently.`,
        ]
      : []
  })
  const seen = new Map<string, string>()
  for (const name of names.filter((given) => given !== '')) {
    const twin = seen.get(appearanceOf(name))
    if (twin === undefined) seen.set(appearanceOf(name), name)
    else if (foldHeading(twin) !== foldHeading(name))
      problems.push(
        `${place}two columns look alike, as “${printable(appearanceOf(name))}”, and are spelt with different characters. Ask the agency to name one of them differently.`,
      )
  }
  return problems
}

async function checkUnnamed(connection: DuckDBConnection, raw: RawTable, place: string): Promise<readonly string[]> {
  const unnamed = raw.headings.flatMap((name, index) => (name === '' ? [index + 1] : []))
  if (unnamed.length === 0) return []
  const counts = unnamed.map((column) => `count(nullif(trim(c${column}), '')) as c${column}`).join(', ')
  const [row] = await query(
    connection,
    'look at columns without a heading',
    `select ${counts} from ${raw.name} where note is null`,
  )
  return unnamed
    .filter((column) => numberIn(row, `c${column}`) > 0)
    .map(
      (column) =>
        `${place}column ${column} holds values but has no heading. Ask for a heading, or for the file without it.`,
    )
}

function checkPaths(contract: Contract, raw: RawTable): readonly string[] {
  const mapped = columnsOfSheet(contract, raw.sheet)
  const ignored = contract.ignore
  const isCovered = (path: string): boolean =>
    mapped.includes(path) || ignored.some((known) => path === known || path.startsWith(`${known}.`))
  const problems = raw.headings
    .filter((path) => !isCovered(path))
    .map((path) => `value “${printable(path)}” is unknown${nearestIn(path, mapped)}. Map it, or list it under ignore.`)
  for (const path of mapped.filter((known) => raw.headings.some((found) => found.startsWith(`${known}.`)))) {
    problems.push(`value “${printable(path)}” holds further values. Name the one that is meant.`)
  }
  problems.push(...problemsOfNames(raw.headings, ''))
  return problems
}

/** Every column that the contract reads from a sheet (or file); JSON paths from the record's top. */
export function columnsOfSheet(contract: Contract, sheet: string): readonly string[] {
  const names = new Set<string>()
  for (const table of tableNames) {
    for (const block of blocksOf(contract, table).filter((candidate) => (candidate.sheet ?? '') === sheet)) {
      for (const name of columnsOfBlock(block)) names.add(holdsJson(contract) ? fullPath(block, name) : name)
    }
  }
  if ('column' in contract.delivered_on && sheet === (blocksOf(contract, 'people')[0]?.sheet ?? ''))
    names.add(contract.delivered_on.column)
  return [...names]
}

function columnsOfBlock(block: Block): readonly string[] {
  const ofFields = Object.values(block.fields).flatMap((mapping) => columnsOf(mappingOf(mapping)))
  const names = [...ofFields, ...(block.when ? [block.when] : []), ...(block.where ? [block.where.column] : [])]
  const ofData = names.filter((name) => name !== 'part' || (!block.split && !block.each))
  const own = [
    ...ofData,
    ...(block.split ? [block.split.column] : []),
    ...(names.includes('part') && block.each ? ['part'] : []),
  ]
  return own.flatMap((name) =>
    name.includes('{n}') ? (block.repeat ?? []).map((n) => name.replaceAll('{n}', String(n))) : [name],
  )
}

/** A path inside `each` is that of the element; `/path` is the record's; `part` is the element itself. */
export function fullPath(block: Block, name: string): string {
  if (name.startsWith('/')) return name.slice(1)
  if (block.each === undefined) return name
  return name === 'part' ? block.each : `${block.each}.${name}`
}

/** Headings are the same when they differ only in capitals, spaces or the form of their letters. */
export function foldHeading(name: string): string {
  return cleanHeading(name).normalize('NFKC').toLowerCase()
}

/** A heading comes from outside: short, on one line, and without a run of digits that could be somebody's number. */
function printable(name: string): string {
  return cleanHeading(name)
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
    .replaceAll(/\d{5,}/g, '#')
    .slice(0, 60)
}
