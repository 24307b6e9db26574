import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../store/openDuckDB.ts'
import { nameRuns, personNames, surnamesOf, type WordRun } from './nameForms.ts'
import { runSql } from './runSql.ts'
import { wordsOf } from './wordsOf.ts'

/** What identifies the people of one version and the professionals around them, in the forms that a scan looks for. */
export interface Identifiers {
  /** Ten digits. */
  readonly nhsNumbers: ReadonlySet<string>
  /** 2008-03-14. */
  readonly birthDates: ReadonlySet<string>
  /** Upper case, no space. */
  readonly postcodes: ReadonlySet<string>
  /** Digits, national form (0…). */
  readonly phones: ReadonlySet<string>
  /** Lower case. */
  readonly emails: ReadonlySet<string>
  /** Agencies' numbers for people and stays, person ids, case references, GP practices and small areas; lower case. */
  readonly ids: ReadonlySet<string>
  /** Surnames of one word, and the parts of longer ones. */
  readonly surnames: ReadonlySet<string>
  /** Runs of two words or more (names in both orders, long surnames, address lines), by their first two words. */
  readonly runs: ReadonlyMap<string, readonly WordRun[]>
}

/** Reads every direct identifier of the register attached as `register`. */
export async function readIdentifiers(connection: DuckDBConnection): Promise<Identifiers> {
  const texts = (from: string, ...columns: string[]): Promise<string[][]> => readTexts(connection, from, columns)
  const column = async (from: string, name: string): Promise<string[]> => (await texts(from, name)).flat()
  const numbered = ['persons', 'agency_records', 'statutory_admissions']
  const numbers = await Promise.all(numbered.map((table) => column(table, 'nhs_number')))
  const births = await Promise.all(numbered.slice(1).map((table) => column(table, 'date_of_birth')))
  const people = await texts('agency_records', 'given_name', 'preferred_name', 'family_name', 'other_names')
  const contacts = await texts('agency_records', 'postcode', 'phone')
  const professionals = await texts('professionals', 'name', 'phone', 'email')
  const workers = [...professionals, ...(await texts('actions', 'owner_name'))].map(([name = '']) => name)
  const lasts = [...people.flatMap(([, , family = '', other = '']) => [family, other]), ...workers.map(lastPart)]
  const ids = [
    ...(await texts('persons', 'person_id', 'case_ref')),
    ...(await texts('agency_records', 'local_id', 'gp_ods', 'lsoa21')),
    ...(await texts('admissions', 'transfer_of')),
    ...(await texts('statutory_admissions', 'lsoa21', 'transfer_of')),
  ]
  return {
    nhsNumbers: setOf(numbers.flat().map(digitsOf)),
    birthDates: setOf(births.flat()),
    postcodes: setOf(contacts.map(([postcode = '']) => normalPostcode(postcode))),
    phones: setOf(
      [...contacts, ...professionals].map(([, phone = '']) => normalPhone(phone)).filter((phone) => phone.length >= 10),
    ),
    emails: setOf(professionals.map(([, , email = '']) => email.trim().toLowerCase())),
    ids: setOf(
      ids
        .flat()
        .map((id) => id.trim().toLowerCase())
        .filter(isTelling),
    ),
    surnames: setOf(lasts.flatMap((name) => surnamesOf(name).words)),
    runs: indexRuns([
      ...people.flatMap(([given = '', preferred = '', family = '', other = '']) =>
        personNames([given, preferred], [family, other]),
      ),
      ...lasts.flatMap((name) => surnamesOf(name).runs),
      ...workers.flatMap(nameRuns),
      ...(await column('agency_records', 'address_lines')).flatMap(addressRuns),
    ]),
  }
}

export function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}

export function normalPostcode(text: string): string {
  return text.replace(/[^a-z0-9]/gi, '').toUpperCase()
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

/** "Dr Ludovic Ferrars-Pym" ends in Ferrars-Pym; a single word is a role or a given name. */
function lastPart(name: string): string {
  const parts = name.trim().split(/\s+/)
  return parts.length > 1 ? (parts.at(-1) ?? '') : ''
}

/** Words that are no part of a road's or a house's own name. */
const generic =
  /^(flat|apartment|apt|unit|room|floor|block|first|second|third|ground|top|upper|lower|number|no|the|\d+[a-z]?)$/

/** The last word of a road, as it is written short. */
const roads: Readonly<Record<string, string>> = {
  road: 'rd',
  street: 'st',
  avenue: 'ave',
  lane: 'ln',
  close: 'cl',
  court: 'ct',
  drive: 'dr',
  terrace: 'terr',
  crescent: 'cres',
  gardens: 'gdns',
  place: 'pl',
  square: 'sq',
}

/**
 * Lines of an address: those with a number ("14 Larch Road", also "14 Larch Rd"), and the first line without one when it is
 * the name of a house ("Rose Cottage"). A town alone is everyone's, and so is "Flat 2".
 */
function addressRuns(address: string): readonly WordRun[] {
  return address
    .split(/[,;\n]/)
    .map(wordsOf)
    .filter(
      (words, line) =>
        words.length >= 2 &&
        words.some((word) => !generic.test(word) && word.length > 2) &&
        (line === 0 || words.some((word) => /\d/.test(word))),
    )
    .flatMap((words) => {
      const short = roads[words.at(-1) ?? '']
      const isNumbered = words.some((word) => /\d/.test(word))
      return [words, ...(short ? [[...words.slice(0, -1), short]] : [])].map((form) => ({
        kind: 'address' as const,
        words: form,
        isOrdinary: !isNumbered,
      }))
    })
}

function indexRuns(runs: readonly WordRun[]): ReadonlyMap<string, readonly WordRun[]> {
  const index = new Map<string, WordRun[]>()
  for (const run of runs) {
    const key = `${run.words[0]} ${run.words[1]}`
    const known = index.get(key)
    if (!known) index.set(key, [run])
    else if (!known.some((other) => other.kind === run.kind && other.words.join(' ') === run.words.join(' ')))
      known.push(run)
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
