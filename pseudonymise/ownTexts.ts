import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../register/projectRoot.ts'
import type { ClosedValues } from './closedValues.ts'
import { datesIn } from './datesIn.ts'
import { wordsOf } from './wordsOf.ts'

/** One text of ours, taken apart once. */
export interface OwnText {
  readonly text: string
  readonly words: readonly string[]
  readonly days: readonly string[]
}

/** Folders whose words reach a release, dbt's artefacts or a page. */
const outputFolders = ['register', 'transform', 'publish', 'dashboard'] as const

/** Further folders whose words reach the lines of progress and the messages of `dsr`. */
export const messageFolders = ['pipeline', 'ingest', 'pseudonymise', 'store'] as const

/**
 * What our own files say: a person called Amber Green cannot be told from a list of ratings by words alone. Whatever an
 * output says comes from here, so a surname that is none of these words has no business in it.
 */
export function ownTexts(values: ClosedValues, more: readonly string[] = []): readonly OwnText[] {
  // Feeds and settings are written by the operator: they are no text of ours.
  const isOurs = (list: string): boolean => !['feeds', 'setting_names', 'setting_values'].includes(list)
  const lists = [...values].filter(([list]) => isOurs(list)).map(([, texts]) => [...texts].join('\n'))
  const folders = [...outputFolders, ...more].map((folder) => join(projectRoot, folder))
  return [...[dbtWords, ...lists].map(readText), ...[...folders, ...dbtFolders()].flatMap(textsIn)]
}

export function readText(text: string): OwnText {
  return { text, words: wordsOf(text), days: datesIn(text) }
}

/** dbt writes its own macros into its manifest, and the fields of its artefacts are named in its own words. */
function dbtFolders(): readonly string[] {
  const libraries = join(projectRoot, '.venv/lib')
  const pythons = existsSync(libraries) ? readdirSync(libraries) : []
  return pythons.flatMap((python) =>
    ['include/global_project', 'include/duckdb', 'artifacts', 'contracts'].map((name) =>
      join(libraries, python, 'site-packages/dbt', name),
    ),
  )
}

/** Words of dbt's run results that stand in none of those files. */
const dbtWords =
  'complete debugging eager favor flights grouping ingest introspect linked minor optimizer spec splitpart sqlparse tokens unenforced upload worker'

/** Lists of places, areas and phrases: data that no output repeats as a whole, and full of what are surnames elsewhere. */
const data = /\/(lsoas|districts|populations)\.csv$|\/coder\//

/** Read once in a process: our files do not change while it runs. */
const known = new Map<string, readonly OwnText[]>()

function textsIn(folder: string): readonly OwnText[] {
  const texts = known.get(folder) ?? readFolder(folder)
  known.set(folder, texts)
  return texts
}

function readFolder(folder: string): readonly OwnText[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(csv|sql|yml|md|ts|njk|py)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !data.test(path))
    .sort()
    .map((path) => readText(readFileSync(path, 'utf8')))
}
