import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import type { z } from 'zod'
import { DsrError } from '../register/errors.ts'
import { nearest } from '../register/nearest.ts'
import { hasCodes, readCodes } from '../register/readCodes.ts'
import { readDictionary, type Field, type Table } from '../register/readDictionary.ts'
import type { Deployment } from '../store/deployment.ts'
import {
  blocksOf,
  columnsOf,
  contractSchema,
  mappingOf,
  type Block,
  type Contract,
  type FieldMapping,
} from './contract.ts'

/**
 * Reads and checks every `sources/*.yml` of a deployment, in order of name. Everything that does not fit is said at
 * once, with the file, the path inside it and the nearest known name. Throws DsrError 'input'.
 */
export function readContracts(deployment: Deployment): readonly Contract[] {
  const files = existsSync(deployment.sources)
    ? readdirSync(deployment.sources)
        .filter((file) => file.endsWith('.yml') || file.endsWith('.yaml'))
        .sort()
    : []
  if (files.length === 0) {
    throw new DsrError(
      'input',
      `${deployment.sources} holds no contract.`,
      'Write one .yml file for each agency extract; docs/contracts.md shows how.',
    )
  }
  const results = files.map((file) => readContract(join(deployment.sources, file)))
  const problems = results.flatMap((result) => result.problems)
  if (problems.length > 0) {
    throw new DsrError('input', problems.join('\n'), 'Put the contracts right, then run: dsr check')
  }
  return results.flatMap((result) => (result.contract ? [result.contract] : []))
}

interface Result {
  readonly contract: Contract | null
  readonly problems: readonly string[]
}

/** One contract with everything that is wrong with it. */
export function readContract(file: string): Result {
  const name = basename(file)
  let parsed: unknown
  try {
    parsed = parse(readFileSync(file, 'utf8'))
  } catch {
    return {
      contract: null,
      problems: [`sources/${name}: this is not YAML; look at the indentation and for a missing quote.`],
    }
  }
  const checked = contractSchema.safeParse(parsed)
  if (!checked.success) {
    return {
      contract: null,
      problems: checked.error.issues
        .flatMap((issue) => explainIssue(issue, []))
        .map((line) => `sources/${name}, ${line}`),
    }
  }
  const problems = problemsOf(checked.data, name.replace(/\.ya?ml$/, ''))
  return { contract: checked.data, problems: problems.map((line) => `sources/${name}, ${line}`) }
}

const knownKeys = {
  '': Object.keys(contractSchema.shape),
  agency: ['name', 'kind'],
  from: ['folder', 'files'],
  read: ['format', 'encoding', 'delimiter', 'skip_rows', 'footer'],
  block: ['sheet', 'skip_rows', 'repeat', 'when', 'each', 'split', 'where', 'fields'],
  field: ['column', 'columns', 'join', 'value', 'part', 'by', 'only', 'codes', 'dates'],
} as const

/** zod's issue in words; a union is explained by the branch that came furthest. */
function explainIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): string[] {
  const path = [...above, ...issue.path]
  const at = path.length === 0 ? 'at the top' : path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const kind = path.length === 1 && path[0] === 'tables' ? 'table' : 'key'
    return issue.keys.map((key) => `${at}: unknown ${kind} ${key}${suggest(key, keysAt(path))}`)
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((errors) => errors.flatMap((inner) => explainIssue(inner, path)))
    const deepest = issue.errors
      .map((errors, index) => ({
        index,
        depth: Math.max(0, ...errors.map((inner) => inner.path.length + (inner.code === 'invalid_type' ? 0 : 1))),
      }))
      .sort((a, b) => b.depth - a.depth)[0]
    return branches[deepest?.index ?? 0] ?? [`${at}: ${issue.message}`]
  }
  return [`${at}: ${issue.message}`]
}

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first] = path
  if (path.length === 0) return knownKeys['']
  if (first === 'tables' && path.length === 1) return tables.map((table) => table.name)
  if (first === 'tables') return path.includes('fields') ? knownKeys.field : knownKeys.block
  if (first === 'agency' || first === 'from' || first === 'read') return path.length === 1 ? knownKeys[first] : []
  return []
}

function suggest(word: string, candidates: readonly string[]): string {
  return candidates.length === 0 ? '' : `; the nearest known one is ${nearest(word, candidates)}`
}

const tables: readonly Table[] = readDictionary()

/** What the shape alone cannot tell: names against the dictionary, targets against the code lists. */
function problemsOf(contract: Contract, stem: string): string[] {
  const problems: string[] = []
  if (contract.feed !== stem) problems.push(`feed: the name has to be that of the file, ${stem}`)
  const kinds = readCodes('agencies').map((code) => code.code)
  if (!kinds.includes(contract.agency.kind))
    problems.push(`agency.kind: not a kind of agency${suggest(contract.agency.kind, kinds)}`)
  if (!contract.tables.people) problems.push('tables: people has to be mapped in every contract')
  if ('file_name' in contract.delivered_on && !isPattern(contract.delivered_on.file_name)) {
    problems.push('delivered_on.file_name: not a regular expression with one group in brackets')
  }
  for (const table of tables) {
    blocksOf(contract, table.name as 'people').forEach((block, index, all) => {
      const at = `tables.${table.name}${all.length > 1 ? `.${index}` : ''}`
      problems.push(...problemsOfBlock(contract, table, block, at))
    })
  }
  return problems
}

function problemsOfBlock(contract: Contract, table: Table, block: Block, at: string): string[] {
  const problems: string[] = []
  const { format } = contract.read
  if ((format === 'xlsx') !== (block.sheet !== undefined)) {
    problems.push(`${at}: ${format === 'xlsx' ? 'name the sheet' : 'a sheet is only for xlsx'}`)
  }
  if (block.each !== undefined && format !== 'ndjson') problems.push(`${at}.each: only for ndjson`)
  if ([block.each, block.split, block.repeat].filter((way) => way !== undefined).length > 1) {
    problems.push(`${at}: only one of repeat, each and split`)
  }
  const peopleSheets = blocksOf(contract, 'people').map((people) => people.sheet)
  const names = table.fields.map((field) => field.name)
  const known = table.name === 'people' ? names : ['local_id', ...names]
  if (block.fields['local_id'] === undefined && (table.name === 'people' || !peopleSheets.includes(block.sheet))) {
    problems.push(`${at}.fields: local_id has to be mapped`)
  }
  if (
    table.name === 'people' &&
    (block.each !== undefined || block.split !== undefined || block.repeat !== undefined)
  ) {
    problems.push(`${at}: people are one row for each record`)
  }
  for (const [name, given] of Object.entries(block.fields)) {
    const field = name === 'local_id' ? localId : table.fields.find((candidate) => candidate.name === name)
    if (!field) problems.push(`${at}.fields.${name}: unknown field${suggest(name, known)}`)
    else
      problems.push(...problemsOfField(field, mappingOf(given), block).map((line) => `${at}.fields.${name}: ${line}`))
  }
  return problems
}

const localId: Field = {
  name: 'local_id',
  meaning: 'Local id',
  type: 'text',
  required: true,
  identifies: 'direct',
  treatment: 'drop',
}

function problemsOfField(field: Field, mapping: FieldMapping, block: Block): string[] {
  const problems: string[] = []
  const sources = [mapping.column, mapping.columns, mapping.value].filter((source) => source !== undefined).length
  if (sources !== 1) problems.push('give one of column, columns and value')
  if (mapping.only !== undefined && !block.repeat?.includes(mapping.only))
    problems.push('only names a number that repeat does not have')
  if (block.repeat === undefined && columnsOf(mapping).some((column) => column.includes('{n}')))
    problems.push('{n} needs repeat')
  if (mapping.part !== undefined && !isPattern(mapping.part))
    problems.push('part is not a regular expression with one group in brackets')
  if (mapping.dates !== undefined && field.type !== 'date') problems.push('dates is only for a date')
  if (mapping.by !== undefined && field.type !== 'codes' && field.type !== 'texts')
    problems.push('by is only for a field that is a list')
  const targets = targetsOf(field)
  const given = [...Object.values(mapping.codes ?? {}), ...(mapping.codes ? [] : [mapping.value ?? null])]
  if (mapping.codes !== undefined && targets === null && !['text', 'texts'].includes(field.type))
    problems.push(`codes does not go with a ${field.type}`)
  if (targets !== null) {
    for (const code of given) {
      if (code !== null && !targets.includes(code))
        problems.push(`code ${code} is not in the list ${field.codes ?? 'yes, no'}${suggest(code, targets)}`)
    }
  }
  return problems
}

/** The closed values of a field, or null where any text may stand. */
export function targetsOf(field: Field): readonly string[] | null {
  if (field.type === 'yes_no') return ['yes', 'no']
  if (field.codes === undefined) return null
  if (!hasCodes(field.codes)) throw new Error(`the dictionary names a code list that does not exist: ${field.codes}`)
  return readCodes(field.codes).map((code) => code.code)
}

function isPattern(pattern: string): boolean {
  try {
    const groups = new RegExp(`${pattern}|`).exec('')
    return groups !== null && groups.length === 2
  } catch {
    return false
  }
}
