import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCsv, readCodes } from '../../register/readCodes.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { readDictionary, type Field } from '../../register/readDictionary.ts'
import { foldWords } from './foldWords.ts'

/** A place in the register that a column can go to, with the headings under which agencies send it. */
export interface Target {
  readonly table: string
  /** Tells two rows of one table in one line of a file apart: the rating now and the one before. */
  readonly block: string
  /** A field of the dictionary, or `full_name`: family and given name in one cell. */
  readonly name: string
  readonly field: Field
  /** Understood only on a sheet, list or group of the table's own: `Date` alone says nothing elsewhere. */
  readonly isOwn: boolean
  readonly headings: readonly string[]
}

/** A kind of professional that wide files name in a column of its own. */
export interface Role {
  readonly role: string
  readonly agencyKind: string
  readonly flag: string
  readonly headings: readonly string[]
}

export interface Vocabulary {
  readonly targets: readonly Target[]
  /** Folded names that sheets and lists of a table have. */
  readonly tableNames: ReadonlyMap<string, readonly string[]>
  readonly roles: readonly Role[]
  /** Folded word → code, for each code list and for yes_no. */
  readonly words: ReadonlyMap<string, ReadonlyMap<string, string>>
}

const fullName: Field = {
  name: 'full_name',
  meaning: 'Family and given name in one.',
  type: 'text',
  required: true,
  identifies: 'direct',
  treatment: 'drop',
}

let read: Vocabulary | null = null

/** The headings and words that agencies use (`synonyms.csv`, `roles.csv`, `words.csv`), read once. */
export function readVocabulary(): Vocabulary {
  read ??= { ...readHeadings(), roles: readRoles(), words: readWords() }
  return read
}

/** What can be said of a closed list: its codes, its labels and the agencies' own words for them. */
export function wordsOfList(list: string): ReadonlyMap<string, string> {
  return readVocabulary().words.get(list) ?? new Map<string, string>()
}

function readHeadings(): Pick<Vocabulary, 'targets' | 'tableNames'> {
  const dictionary = readDictionary()
  const targets: Target[] = []
  const tableNames = new Map<string, readonly string[]>()
  for (const [table = '', name = '', where = '', list = ''] of rowsOf('synonyms.csv')) {
    const headings = headingsOf(list)
    const [tableName = '', block = ''] = table.split('#')
    if (name === '') {
      tableNames.set(tableName, headings)
      continue
    }
    const fields = dictionary.find((candidate) => candidate.name === tableName)?.fields ?? []
    const field = name === 'full_name' ? fullName : fields.find((candidate) => candidate.name === name)
    if (!field) throw new Error(`synonyms.csv names a field that the dictionary does not have: ${tableName}.${name}`)
    targets.push({ table: tableName, block, name, field, isOwn: where === 'own', headings })
  }
  for (const table of dictionary) {
    for (const field of table.fields) {
      const headings = [foldWords(field.name)]
      targets.push({ table: table.name, block: '', name: field.name, field, isOwn: table.name !== 'people', headings })
    }
  }
  return { targets, tableNames }
}

function readRoles(): readonly Role[] {
  return rowsOf('roles.csv').map(([role = '', agencyKind = '', flag = '', list = '']) => ({
    role,
    agencyKind,
    flag,
    headings: headingsOf(list),
  }))
}

function readWords(): Vocabulary['words'] {
  const words = new Map<string, Map<string, string>>()
  const listOf = (list: string): Map<string, string> => {
    const known = words.get(list)
    if (known) return known
    const made = new Map<string, string>()
    if (list !== 'yes_no') for (const { code } of readCodes(list)) made.set(foldWords(code), code)
    words.set(list, made)
    return made
  }
  for (const [list = '', code = '', own = ''] of rowsOf('words.csv'))
    for (const word of headingsOf(own)) if (!listOf(list).has(word)) listOf(list).set(word, code)
  const lists = readDictionary().flatMap((table) => table.fields.flatMap((field) => field.codes ?? []))
  for (const list of new Set(lists))
    for (const { code, label } of readCodes(list))
      if (!listOf(list).has(foldWords(label))) listOf(list).set(foldWords(label), code)
  return words
}

function headingsOf(list: string): readonly string[] {
  return list
    .split(';')
    .map(foldWords)
    .filter((heading) => heading !== '')
}

function rowsOf(file: string): readonly (readonly string[])[] {
  return parseCsv(readFileSync(join(projectRoot, 'ingest/draft', file), 'utf8')).slice(1)
}
