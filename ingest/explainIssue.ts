import type { z } from 'zod'
import { nearest, suggest } from '../register/nearest.ts'
import { readDictionary } from '../register/readDictionary.ts'
import { contractSchema } from './contract.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** One thing that is wrong with a contract, and where in it. */
export interface Problem {
  readonly path: Path
  readonly text: string
  /** The misspelt key below the path, whose line is meant. */
  readonly key?: string
}

/** The keys that may stand at each place of a contract, for the nearest name of a misspelt one. */
export const knownKeys = {
  '': Object.keys(contractSchema.shape),
  agency: ['name', 'kind'],
  from: ['folder', 'files', 'pull', 'postgres'],
  'from.pull': ['folder', 'https', 'https_list', 'token_file', 'ca_file', 'sftp', 'key_file', 'known_hosts'],
  'from.postgres': ['connection_file'],
  delivered_on: ['file_name', 'value', 'column', 'arrival'],
  read: ['format', 'encoding', 'delimiter', 'quote', 'skip_rows', 'footer', 'records', 'trusted'],
  'read.footer': ['column', 'starts_with'],
  limits: ['file_bytes', 'rows', 'columns', 'cell_characters', 'sheets', 'unpacked_bytes', 'ratio'],
  tables: readDictionary().map((table) => table.name),
  block: ['sheet', 'skip_rows', 'repeat', 'when', 'each', 'split', 'where', 'fields'],
  split: ['column', 'by'],
  where: ['column', 'in', 'leave'],
  field: ['column', 'columns', 'join', 'value', 'part', 'by', 'only', 'times', 'codes', 'dates'],
} as const satisfies Record<string, readonly string[]>

/** What to write where a key is missing that every contract has. */
const examples: Readonly<Record<string, string>> = {
  feed: 'the name of this file without .yml',
  agency: '{ name: Northmoor Council, kind: A02 }',
  'agency.kind': 'A02 for a council’s adult social care (register/codes/agencies.csv)',
  basis: 'register_consent',
  from: "{ folder: extracts/council, files: '*.csv' }",
  delivered_on: '{ value: 2026-10-30 }',
  read: '{ format: csv }',
  'read.format': 'csv',
  tables: 'people: and below it fields:',
}

/** Everything that the shape of a contract gets wrong, in words; what follows from a misspelt key is not told twice. */
export function explainIssues(issues: readonly Issue[], contract: unknown): readonly Problem[] {
  const misspelt = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? meantKeys(issue, []) : [])))
  return issues
    .filter((issue) => !(isMissing(issue, [], contract) && misspelt.has(issue.path.join('.'))))
    .flatMap((issue) => explain(issue, [], contract))
}

function explain(issue: Issue, above: Path, contract: unknown): readonly Problem[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const kind = path.join('.') === 'tables' ? 'table' : 'key'
    return issue.keys.map((key) => ({ path, key, text: `unknown ${kind} ${key}${suggest(key, keysAt(path))}` }))
  }
  if (issue.code === 'invalid_union') return explainUnion(issue, path, contract)
  return [{ path, text: inWords(issue, path, contract) }]
}

/** A union is explained by the way of writing it that fits best; where none does, by the keys that there are. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, contract: unknown): readonly Problem[] {
  const given = valueAt(contract, path)
  if (given === undefined) return [{ path, text: missing(path) }]
  const branches = issue.errors.filter(
    (errors) => !errors.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type'),
  )
  if (branches.length === 0) return [{ path, text: 'expected the name of a column, or keys in braces' }]
  if (isMapping(given)) {
    const known = keysAt(path)
    const unknown = Object.keys(given).filter((key) => known.length > 0 && !known.includes(key))
    if (unknown.length > 0)
      return unknown.map((key) => ({ path, key, text: `unknown key ${key}${suggest(key, known)}` }))
  }
  const [best = []] = [...branches].sort((a, b) => weightOf(a) - weightOf(b))
  return best.flatMap((inner) => explain(inner, path, contract))
}

/** Keys that do not go together weigh more than a value that is wrong in itself. */
function weightOf(issues: readonly Issue[]): number {
  return issues.reduce(
    (sum, issue) =>
      sum + (issue.code === 'unrecognized_keys' ? 10 * issue.keys.length : issue.code === 'invalid_type' ? 2 : 1),
    0,
  )
}

function inWords(issue: Issue, path: Path, contract: unknown): string {
  if (isMissing({ ...issue, path: [...path] }, [], contract)) return missing(path)
  if (issue.code === 'invalid_type') return `expected ${shapes[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    const given = valueAt(contract, path)
    const near = typeof given === 'string' ? nearest(given, known) : null
    return `expected one of ${known.join(', ')}${near === null ? '' : `; the nearest is ${near}`}`
  }
  if (issue.code === 'too_small' && issue.origin === 'string') return 'expected a text, and it is empty'
  if (issue.code === 'too_small')
    return `expected ${issue.origin === 'array' ? 'a list of ' : ''}at least ${String(issue.minimum)}`
  return issue.message
}

const shapes: Readonly<Record<string, string>> = {
  string: 'a text; put it between quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, like [one, two]',
  object: 'keys and values, like { key: value }',
  record: 'keys and values, like { key: value }',
}

function missing(path: Path): string {
  const example = examples[path.join('.')]
  return example === undefined ? 'is missing' : `is missing; for example ${String(path.at(-1))}: ${example}`
}

function isMissing(issue: Pick<Issue, 'code' | 'path'>, above: Path, contract: unknown): boolean {
  const path = [...above, ...issue.path]
  return path.length > 0 && issue.code !== 'unrecognized_keys' && valueAt(contract, path) === undefined
}

/** The known keys that misspelt ones were probably meant to be, by their path. */
function meantKeys(issue: z.core.$ZodIssueUnrecognizedKeys, above: Path): readonly string[] {
  const path = [...above, ...issue.path]
  return issue.keys.flatMap((key) => {
    const meant = nearest(key, keysAt(path))
    return meant === null ? [] : [[...path, meant].join('.')]
  })
}

function keysAt(path: Path): readonly string[] {
  const names = path.filter((part) => typeof part !== 'number').map(String)
  if (names[0] !== 'tables' || names.length === 1) return knownAt(names.join('.'))
  if (names.length === 2) return knownKeys.block
  if (names[2] === 'fields') return names.length === 4 ? knownKeys.field : []
  return names.length === 3 ? knownAt(names[2] ?? '') : []
}

function knownAt(place: string): readonly string[] {
  return (knownKeys as Readonly<Record<string, readonly string[]>>)[place] ?? []
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      isMapping(inner) || Array.isArray(inner) ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
