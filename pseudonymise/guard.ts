import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { columnRules } from '../register/closedColumns.ts'
import { DsrError } from '../register/errors.ts'
import { readDictionary } from '../register/readDictionary.ts'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB, type Database } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { checkClosedText, type Breach } from './checkClosedText.ts'
import { checkKeyVersion } from './checkKeyVersion.ts'
import { checkReleaseFile } from './checkReleaseFile.ts'
import { closedValues } from './closedValues.ts'
import { decodeFile } from './decodeFile.ts'
import { ownTexts } from './ownTexts.ts'
import { readIdentifiers } from './readIdentifiers.ts'
import { narrowToOwnTexts, scanText, type Finding, type Narrowed, type Wanted } from './scanText.ts'

export interface WarehouseGuardReport {
  /** Columns of tables and views that were held to their rule. */
  readonly columns: number
}

export interface ReleaseGuardReport extends Narrowed {
  readonly files: number
}

/**
 * Closed-text guard over warehouse.duckdb (design.md 6): each text of each table and view is in a declared closed list or a
 * pseudonym of this version; columns that identify cannot exist. Complete, whatever models are added.
 * @param keyVersion version of the pseudonym key that every pseudonym must be of; absent: any one
 * @throws DsrError `leak` that names every breach by schema, table and column, and counts; never a value
 */
export async function guardWarehouse(step: Step<'store'>, keyVersion?: number): Promise<WarehouseGuardReport> {
  const database = await openVersion(step, true)
  try {
    await checkKeyVersion(database.connection, keyVersion)
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
  const values = closedValues(step)
  const { wanted, narrowed } = await readWanted(step)
  const released = filesIn(releaseFolder)
  const working = filesIn(step.deployment.work)
  const breaches = released.flatMap((path) => checkReleaseFile(path, values))
  const found = [
    ...released.flatMap((path) => scanFile(path, releaseFolder, wanted, 'release')),
    ...working.flatMap((path) => scanFile(path, step.deployment.work, wanted, 'working file')),
  ]
  stopOn([...breaches.map((breach) => `release ${sentenceOf(breach)}`), ...found], breaches)
  const files = released.length + working.length
  step.report(`${files} files of the release and of dbt hold no identifier`)
  return { files, ...narrowed }
}

/**
 * What a scan of any output of this version looks for, by the rules of docs/pseudonymisation.md.
 * @param folders further folders of ours whose words the output may hold
 */
export async function readWanted(
  step: Step<'store'>,
  folders: readonly string[] = [],
): Promise<{ readonly wanted: Wanted; readonly narrowed: Narrowed }> {
  const database = await openVersion(step, false)
  try {
    const values = closedValues(step)
    const operators = ['feeds', 'setting_names', 'setting_values'].flatMap((list) => [...(values.get(list) ?? [])])
    return narrowToOwnTexts(await readIdentifiers(database.connection), {
      texts: ownTexts(values, folders),
      words: [...operators, step.deployment.home],
      firstDay: firstPublishedDay(step),
    })
  } finally {
    database.close()
  }
}

/** First day of the first month that the figures go back to. */
function firstPublishedDay({ asOf, settings }: Pick<Step, 'asOf' | 'settings'>): string {
  const [year = 0, month = 0] = asOf.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 - settings.history_months, 1)).toISOString().slice(0, 10)
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

/** A file whose very name identifies somebody is not named. */
function scanFile(path: string, folder: string, wanted: Wanted, place: 'release' | 'working file'): string[] {
  const name = relative(folder, path)
  const inName = scanOutput(name, wanted)
  const shown = inName.length > 0 ? '(a file whose name identifies)' : name
  const findings = [...inName, ...scanOutput(decodeFile(path), wanted)]
  return findings.map(({ kind, times }) => `${place} ${shown}: ${kind}, ${times} times.`)
}

/** Scans one decoded text for identifiers, and for pseudonyms: they are personal data (security.md IG-02) and stay in their zone. */
export function scanOutput(text: string, wanted: Wanted): readonly Finding[] {
  const pseudonyms = [...text.matchAll(/p\d+x?_[0-9a-f]{32}/g)].length
  return [...scanText(text, wanted), ...(pseudonyms > 0 ? [{ kind: 'pseudonym', times: pseudonyms }] : [])]
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
