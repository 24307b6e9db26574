import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../store/openDuckDB.ts'
import { runSql } from './runSql.ts'
import { wordsOf } from './wordsOf.ts'

/** What identifies the people of one version and the professionals around them, in the forms that a scan looks for. */
export interface Identifiers {
  /** Ten digits. */
  readonly nhsNumbers: ReadonlySet<string>
  /** Upper case, no space. */
  readonly postcodes: ReadonlySet<string>
  /** Digits, national form (0…). */
  readonly phones: ReadonlySet<string>
  /** Lower case. */
  readonly emails: ReadonlySet<string>
  /** Agencies' numbers for people, person ids and case references; lower case. */
  readonly ids: ReadonlySet<string>
  /** Runs of two words or more (names in both orders, address lines), by their first two words joined by a space. */
  readonly runs: ReadonlyMap<string, readonly WordRun[]>
}

export interface WordRun {
  readonly kind: 'name' | 'address'
  readonly words: readonly string[]
}

/** Reads every direct identifier of the register attached as `register`. */
export async function readIdentifiers(connection: DuckDBConnection): Promise<Identifiers> {
  const texts = (from: string, ...columns: string[]): Promise<string[][]> => readTexts(connection, from, columns)
  const numbers = [
    ...(await texts('persons', 'nhs_number')),
    ...(await texts('agency_records', 'nhs_number')),
    ...(await texts('statutory_admissions', 'nhs_number')),
  ]
  const people = await texts(
    'agency_records',
    'given_name',
    'preferred_name',
    'family_name',
    'other_names',
    'address_lines',
  )
  const contacts = await texts('agency_records', 'postcode', 'phone', 'local_id')
  const professionals = await texts('professionals', 'name', 'phone', 'email')
  const owners = await texts('actions', 'owner_name')
  const ids = [...(await texts('persons', 'person_id', 'case_ref')).flat(), ...contacts.map(([, , id = '']) => id)]
  return {
    nhsNumbers: setOf(numbers.flat().map(digitsOf)),
    postcodes: setOf(contacts.map(([postcode = '']) => normalPostcode(postcode))),
    phones: setOf(
      [...contacts, ...professionals].map(([, phone = '']) => normalPhone(phone)).filter((phone) => phone.length >= 10),
    ),
    emails: setOf(professionals.map(([, , email = '']) => email.trim().toLowerCase())),
    ids: setOf(ids.map((id) => id.trim().toLowerCase()).filter(isTelling)),
    runs: indexRuns([
      ...people.flatMap(namesOfPerson),
      ...[...professionals, ...owners].flatMap(([name = '']) => nameRuns(wordsOf(name))),
      ...people.flatMap(([, , , , address = '']) => addressRuns(address)),
    ]),
  }
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}

export function normalPostcode(text: string): string {
  return text.replace(/\s/g, '').toUpperCase()
}

/** "+44 (0)1632 960123" and "01632 960 123" are one number. */
export function normalPhone(text: string): string {
  return digitsOf(text).replace(/^(00)?440?(?=\d{9,10}$)/, '0')
}

/**
 * A short number, or one of digits alone, is also a row count, a byte count or a part of a time: ids are looked for
 * from six characters with a digit on, and from nine where all are digits. The closed-text check has no such limit.
 */
function isTelling(id: string): boolean {
  return id.length >= (/^\d+$/.test(id) ? 9 : 6) && (/\d/.test(id) || id.length >= 12)
}

/** Every given or preferred name with every family or former name, in both orders. */
function namesOfPerson([given = '', preferred = '', family = '', other = '']: readonly string[]): readonly WordRun[] {
  const firsts = [given, preferred].map(wordsOf).filter((words) => words.length > 0)
  const lasts = [family, other].map(wordsOf).filter((words) => words.length > 0)
  return firsts.flatMap((first) => lasts.flatMap((last) => [...runOf(first, last), ...runOf(last, first)]))
}

function runOf(first: readonly string[], last: readonly string[]): readonly WordRun[] {
  return nameRun([...first, ...last])
}

const titles = new Set([
  'mr',
  'mrs',
  'ms',
  'miss',
  'mx',
  'dr',
  'prof',
  'professor',
  'sister',
  'pc',
  'rev',
  'revd',
  'sir',
])

/** A professional's name as written, without its title, and with the last word first. */
function nameRuns(words: readonly string[]): readonly WordRun[] {
  const bare = titles.has(words[0] ?? '') ? words.slice(1) : words
  const [last, ...firsts] = [...bare].reverse()
  return [...nameRun(words), ...nameRun(bare), ...nameRun(last === undefined ? [] : [last, ...firsts.reverse()])]
}

/** One word is no full name; two of which one is an initial stand in too many texts. */
function nameRun(words: readonly string[]): readonly WordRun[] {
  const isTellingName = words.length >= 2 && (words.length > 2 || words.every((word) => word.length > 1))
  return isTellingName ? [{ kind: 'name', words }] : []
}

/** The parts of an address that hold a number: "14 Larch Road". A town alone is everyone's. */
function addressRuns(address: string): readonly WordRun[] {
  return address
    .split(/[,;\n]/)
    .map(wordsOf)
    .filter(
      (words) =>
        words.length >= 2 && words.some((word) => /\d/.test(word)) && words.some((word) => /[a-z]{3}/.test(word)),
    )
    .map((words) => ({ kind: 'address', words }))
}

function indexRuns(runs: readonly WordRun[]): ReadonlyMap<string, readonly WordRun[]> {
  const index = new Map<string, WordRun[]>()
  for (const run of runs) {
    const key = `${run.words[0]} ${run.words[1]}`
    const known = index.get(key)
    if (!known) index.set(key, [run])
    else if (!known.some((other) => other.words.join(' ') === run.words.join(' '))) known.push(run)
  }
  return index
}

function setOf(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.filter((text) => text !== ''))
}

async function readTexts(connection: DuckDBConnection, table: string, columns: readonly string[]): Promise<string[][]> {
  const list = columns.map((column) => `cast(${quoteName(column)} as varchar) as ${quoteName(column)}`).join(', ')
  const rows = await runSql(
    connection,
    `reading identifiers of ${table}`,
    `select distinct ${list} from register.main.${quoteName(table)}`,
  )
  return rows.map((row) => columns.map((column) => (row[column] === null ? '' : String(row[column]))))
}
