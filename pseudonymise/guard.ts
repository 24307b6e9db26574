import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { columnRules } from '../register/closedColumns.ts'
import { DsrError } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { readDictionary } from '../register/readDictionary.ts'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB, type Database } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { checkClosedText, type Breach } from './checkClosedText.ts'
import { checkReleaseFile } from './checkReleaseFile.ts'
import { closedValues, type ClosedValues } from './closedValues.ts'
import { decodeFile } from './decodeFile.ts'
import { readIdentifiers, type Identifiers } from './readIdentifiers.ts'
import { scanText, withoutOwnNames, type Finding } from './scanText.ts'

export interface WarehouseGuardReport {
  /** Columns of tables and views that were held to their rule. */
  readonly columns: number
}

export interface ReleaseGuardReport {
  readonly files: number
  /** Names of people that also stand in our own code lists and models, and so could not be looked for. */
  readonly namesLikeOurWords: number
}

/**
 * Closed-text guard over warehouse.duckdb (design.md 6): each text of each table and view is in a declared closed list or a
 * pseudonym of this version; columns that identify cannot exist. Complete, whatever models are added.
 * @throws DsrError `leak` that names every breach by schema, table and column, and counts; never a value
 */
export async function guardWarehouse(step: Step<'store'>): Promise<WarehouseGuardReport> {
  const database = await openVersion(step, true)
  try {
    const rules = columnRules(readDictionary())
    const { columns, breaches } = await checkClosedText(database.connection, rules, closedValues(step))
    stopOn(
      breaches.map((breach) => `warehouse ${sentenceOf(breach)}`),
      breaches,
    )
    step.report(`${columns.toLocaleString('en-GB')} columns hold only what they may`)
    return { columns }
  } finally {
    database.close()
  }
}

/**
 * The same over the files of a release; and a scan of their decoded content, of dbt's artefacts and of its logs, for the
 * identifiers of everyone in the register.
 * @param releaseFolder folder of the release, finished or being built
 * @throws DsrError `leak` that names files and kinds of identifier, and counts; never a value
 */
export async function guardRelease(step: Step<'store'>, releaseFolder: string): Promise<ReleaseGuardReport> {
  const database = await openVersion(step, false)
  try {
    const values = closedValues(step)
    const all = await readIdentifiers(database.connection)
    const { identifiers, namesLikeOurWords } = withoutOwnNames(all, ownTexts(values))
    const released = filesIn(releaseFolder)
    const working = filesIn(step.deployment.work)
    const breaches = released.flatMap((path) => checkReleaseFile(path, values))
    const found = [
      ...released.flatMap((path) => scanFile(path, releaseFolder, identifiers, 'release')),
      ...working.flatMap((path) => scanFile(path, step.deployment.work, identifiers, 'working file')),
    ]
    stopOn([...breaches.map((breach) => `release ${sentenceOf(breach)}`), ...found], breaches)
    const files = released.length + working.length
    step.report(`${files} files of the release and of dbt hold no identifier`)
    return { files, namesLikeOurWords }
  } finally {
    database.close()
  }
}

function openVersion(step: Step<'store'>, withWarehouse: boolean): Promise<Database> {
  const files = versionFiles(step.versionFolder)
  const register = { path: files.register, alias: 'register', key: step.keys.store, readOnly: true }
  const warehouse = { path: files.warehouse, alias: 'warehouse', readOnly: true }
  return openDuckDB({ attach: withWarehouse ? [register, warehouse] : [register], lockDown: true })
}

/** Every file below a folder; spill files of DuckDB are encrypted and left out. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('duckdb_temp'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function scanFile(path: string, folder: string, identifiers: Identifiers, place: 'release' | 'working file'): string[] {
  const text = decodeFile(path)
  const findings = [...scanText(text, identifiers), ...(place === 'release' ? scanPseudonyms(text) : [])]
  return findings.map(({ kind, times }) => `${place} ${relative(folder, path)}: ${kind}, ${times} times.`)
}

/** Pseudonyms are personal data (security.md IG-02): they stay in the pseudonymised zone. */
function scanPseudonyms(text: string): readonly Finding[] {
  const times = [...text.matchAll(/p\d+x?_[0-9a-f]{32}/g)].length
  return times > 0 ? [{ kind: 'pseudonym', times }] : []
}

/** What stands in our own files: a person called Amber Green cannot be told from a list of ratings. */
function ownTexts(values: ClosedValues): readonly string[] {
  const isOurs = (list: string): boolean => !['feeds', 'setting_names', 'setting_values'].includes(list)
  const lists = [...values].filter(([list]) => isOurs(list)).map(([, texts]) => [...texts].join('\n'))
  const files = ['register/codes', 'transform/models', 'transform/macros', 'transform/tests'].flatMap((folder) =>
    filesIn(join(projectRoot, folder)),
  )
  const read = files.filter((path) => /\.(csv|sql|yml|md)$/.test(path)).map((path) => decodeFile(path))
  return [...lists, ...read]
}

function sentenceOf({ place, problem, rows }: Breach): string {
  switch (problem) {
    case 'forbidden':
      return `${place}: a column of this name would identify people.`
    case 'undeclared':
      return `${place}: no code list closes this text.`
    case 'unreadable':
      return `${place}: a kind of column or file that the guard cannot look into.`
    case 'not in its list':
      return `${place}: ${rows} rows hold a text that is not in its list.`
    case 'holds NHS numbers':
      return `${place}: ${rows} rows hold an NHS number.`
  }
}

function stopOn(sentences: readonly string[], breaches: readonly Breach[]): void {
  if (sentences.length === 0) return
  const remedies = breaches
    .filter((breach) => breach.problem === 'undeclared')
    .map((breach) => declarationFor(breach.place))
  const stopped = 'Nothing was switched over: what was served before is still served.'
  throw new DsrError(
    'leak',
    ['What may not leave its zone was found:', ...sentences].join('\n'),
    [...remedies, stopped].join('\n'),
  )
}

/** The line to write: in the dictionary for a field of the register, in closedColumns.ts for a column that a model makes. */
function declarationFor(place: string): string {
  const [schema = '', table = '', column = ''] = place.split('.')
  const source = schema === 'register' ? table : /^stg_register__(.+)$/.exec(table)?.[1]
  const name = column || table
  return source
    ? `Write in register/dictionary/${source}.yml, under fields:\n  ${name}: { meaning: …, type: code, codes: …, identifies: …, treatment: keep }`
    : `Write in register/closedColumns.ts, with the list that closes it:\n  ${name}: ['…'],`
}
