import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
  type YAMLParseError,
} from 'yaml'
import { DsrError } from '../register/errors.ts'
import { nearest, suggest } from '../register/nearest.ts'
import { hasCodes, readCodes } from '../register/readCodes.ts'
import { readDictionary, type Field, type Table } from '../register/readDictionary.ts'
import type { Deployment } from '../store/deployment.ts'
import {
  blocksOf,
  columnsOf,
  contractSchema,
  holdsJson,
  isDatabase,
  mappingOf,
  type Block,
  type Contract,
  type FieldMapping,
} from './contract.ts'
import { explainIssues, type Problem } from './explainIssue.ts'

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
      'Draft one from an agency’s file: dsr init --from FILE; or write one: docs/contracts.md shows how.',
    )
  }
  const results = files.map((file) => readContract(join(deployment.sources, file)))
  const problems = results.flatMap((result) => result.problems)
  if (problems.length > 0) {
    throw new DsrError('input', problems.join('\n'), 'Put the contracts right, then run: dsr check')
  }
  const contracts = results.flatMap((result) => (result.contract ? [result.contract] : []))
  requireOwners(contracts)
  return contracts
}

/** `people_of` names a feed of this deployment that has people. */
function requireOwners(contracts: readonly Contract[]): void {
  const owners = contracts.filter((contract) => contract.tables.people).map(({ feed }) => feed)
  const lost = contracts.flatMap(({ feed, people_of: owner }) =>
    owner === undefined || owners.includes(owner)
      ? []
      : [`sources/${feed}.yml, people_of: no feed with people has that name${suggest(owner, owners)}`],
  )
  if (lost.length > 0) throw new DsrError('input', lost.join('\n'), 'Put the contracts right, then run: dsr check')
}

interface Result {
  readonly contract: Contract | null
  readonly problems: readonly string[]
}

/** One contract with everything that is wrong with it; each problem names the file, the line and the path in it. */
export function readContract(file: string): Result {
  const name = `sources/${basename(file)}`
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines })
  const [broken] = document.errors
  if (broken)
    return { contract: null, problems: [`${name}, line ${broken.linePos?.[0].line ?? 1}: ${explainYaml(broken)}`] }
  const parsed: unknown = document.toJS()
  if (parsed === null)
    return { contract: null, problems: [`${name}: the file is empty; dsr init --from FILE drafts one.`] }
  const say = ({ path, key, text }: Problem): string => {
    const line = lineOf(document, lines, key === undefined ? path : [...path, key])
    return `${name}, ${line === null ? '' : `line ${line}, `}${path.length === 0 ? 'at the top' : path.map(String).join('.')}: ${text}`
  }
  const checked = contractSchema.safeParse(parsed)
  if (!checked.success) return { contract: null, problems: explainIssues(checked.error.issues, parsed).map(say) }
  return { contract: checked.data, problems: problemsOf(checked.data, stemOf(file)).map((text) => say(withPath(text))) }
}

function stemOf(file: string): string {
  return basename(file).replace(/\.ya?ml$/, '')
}

function explainYaml({ code, message }: YAMLParseError): string {
  if (code === 'DUPLICATE_KEY') return 'a key stands twice at the same place; keep one of them.'
  if (/tab/i.test(message)) return 'a tab stands where YAML wants spaces.'
  return 'this is not YAML; look there and in the line above at the indentation and for a missing quote or bracket.'
}

/** `tables.people.fields: …` is a problem at that path. */
function withPath(line: string): Problem {
  const [, path = '', text = ''] = /^([\w.]+): (.*)$/s.exec(line) ?? []
  return { path: path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)), text }
}

/** Line of what stands at a path, or of the last thing above it that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  let line: number | null = null
  let node: unknown = document.contents
  for (const key of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (!pair) return line
      const start = isScalar(pair.key) ? pair.key.range?.[0] : undefined
      line = start === undefined ? line : lines.linePos(start).line
      node = pair.value
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)]
      const start = isNode(item) ? item.range?.[0] : undefined
      line = start === undefined ? line : lines.linePos(start).line
      node = item
    } else return line
  }
  return line
}

const tables: readonly Table[] = readDictionary()

/** What the shape alone cannot tell: names against the dictionary, targets against the code lists. */
function problemsOf(contract: Contract, stem: string): string[] {
  const problems: string[] = []
  if (contract.feed !== stem) problems.push(`feed: the name has to be that of the file, ${stem}`)
  problems.push(...problemsOfKind(contract.agency.kind))
  if (!contract.tables.people && contract.people_of === undefined)
    problems.push('tables: people has to be mapped, or people_of has to name the feed whose people these are')
  if (contract.tables.people && contract.people_of !== undefined)
    problems.push('people_of: a feed with people of its own cannot hang on those of another')
  problems.push(...problemsOfReading(contract))
  problems.push(...problemsOfSource(contract))
  problems.push(...problemsOfSheets(contract))
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

function problemsOfKind(kind: string): string[] {
  const kinds = readCodes('agencies')
  const codes = kinds.map(({ code }) => code)
  if (codes.includes(kind)) return []
  const near = nearest(kind, codes)
  const known =
    near === null
      ? `give one of ${kinds.map(({ code, label }) => `${code} (${label})`).join(', ')}`
      : `the nearest known one is ${near}`
  return [`agency.kind: not a kind of agency; ${known}`]
}

/** Sheets are of workbooks and databases, and there each table names its own; told once, however many tables. */
function problemsOfSheets(contract: Contract): string[] {
  const hasSheets = contract.read.format === 'xlsx' || contract.read.format === 'postgres'
  const wrong = tables
    .filter((table) =>
      blocksOf(contract, table.name as 'people').some((block) => hasSheets !== (block.sheet !== undefined)),
    )
    .map((table) => table.name)
  if (wrong.length === 0) return []
  return hasSheets
    ? [`tables: name the sheet of ${wrong.join(', ')}`]
    : [`tables: a sheet is only for xlsx and postgres; take it out of ${wrong.join(', ')}, or correct read.format`]
}

/** A live database and files are read in different ways, so `from` and `read` have to agree. */
function problemsOfSource(contract: Contract): string[] {
  const problems: string[] = []
  const { from, read } = contract
  if (isDatabase(contract) !== (read.format === 'postgres'))
    problems.push('read.format: postgres goes with from.postgres, and only with it')
  if ('postgres' in from && 'file_name' in contract.delivered_on)
    problems.push('delivered_on: a database has no file name; use arrival: true, a column or a value')
  const fetched = 'pull' in from ? from.pull : undefined
  const isHttps = fetched && !('folder' in fetched) && !('sftp' in fetched)
  if (isHttps && (fetched.https === undefined) === (fetched.https_list === undefined))
    problems.push('from.pull: give one of https and https_list')
  return problems
}

/** Keys of `read` that say nothing for its format are taken for a mistake. */
function problemsOfReading({ read }: Contract): string[] {
  const problems: string[] = []
  if (read.records !== undefined && read.format !== 'json') problems.push('read.records: only for json')
  if (read.trusted && read.format !== 'parquet') problems.push('read.trusted: only for parquet')
  if (read.quote !== '"' && read.format !== 'csv') problems.push('read.quote: only for csv')
  return problems
}

function problemsOfBlock(contract: Contract, table: Table, block: Block, at: string): string[] {
  const problems: string[] = []
  if (block.each !== undefined && !holdsJson(contract))
    problems.push(`${at}.each: only for ndjson, json, parquet and postgres`)
  if ([block.each, block.split, block.repeat].filter((way) => way !== undefined).length > 1) {
    problems.push(`${at}: only one of repeat, each and split`)
  }
  if (block.where?.leave?.some((kind) => block.where?.in.includes(kind)))
    problems.push(`${at}.where: a kind cannot be both wanted and left`)
  const peopleSheets = blocksOf(contract, 'people').map((people) => people.sheet)
  const names = table.fields.map((field) => field.name)
  const known = table.name === 'people' ? names : ['local_id', ...names]
  if (block.fields['local_id'] === undefined && (table.name === 'people' || !peopleSheets.includes(block.sheet))) {
    problems.push(`${at}.fields: local_id has to be mapped`)
  }
  for (const name of unmapped(contract, table, block)) problems.push(`${at}.fields: ${name} has to be mapped`)
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

/** Fields that a row cannot be without and that no line fills; a commissioning feed is not to send names. */
function unmapped(contract: Contract, table: Table, block: Block): readonly string[] {
  const isNameless = contract.basis === 'inpatient_commissioning'
  return table.fields
    .filter(({ name, required }) => required && name !== 'local_id' && block.fields[name] === undefined)
    .map(({ name }) => name)
    .filter((name) => !(isNameless && ['family_name', 'given_name'].includes(name)))
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
  if (mapping.times !== undefined && field.type !== 'integer') problems.push('times is only for a number')
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
