import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { DsrError } from './errors.ts'
import { projectRoot } from './projectRoot.ts'

export const fieldTypes = [
  'text',
  'texts',
  'note',
  'date',
  'code',
  'codes',
  'integer',
  'yes_no',
  'nhs_number',
  'postcode',
  'lsoa',
  'ods',
] as const

/**
 * What pseudonymise does with a field (design.md 6). `keep` is allowed only for types with a closed set of values,
 * numbers and event dates; free text is dropped, or coded into themes, strategies or the role of a professional.
 */
export const treatments = ['keep', 'drop', 'pseudonym', 'age_band', 'place', 'theme', 'strategy', 'role'] as const

const fieldSchema = z.strictObject({
  meaning: z.string().min(3),
  type: z.enum(fieldTypes),
  codes: z.string().optional(),
  required: z.boolean().default(false),
  identifies: z.enum(['direct', 'indirect', 'text', 'criminal', 'no']),
  treatment: z.enum(treatments),
})

const tableSchema = z.strictObject({
  table: z.string(),
  meaning: z.string(),
  event_date: z.string().nullable(),
  fields: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), fieldSchema),
})

export interface Field extends Readonly<z.infer<typeof fieldSchema>> {
  readonly name: string
}

export interface Table {
  readonly name: string
  readonly meaning: string
  /** The field whose date the age band of a row is taken at; null for people, who are banded at `as_of`. */
  readonly eventDate: string | null
  readonly fields: readonly Field[]
}

export type Dictionary = readonly Table[]

/** Order of the tables everywhere: domain.md 5.3. */
export const tableNames = [
  'people',
  'entries',
  'consents',
  'professionals',
  'ratings',
  'reviews',
  'issues',
  'strategies',
  'suggestions',
  'actions',
  'cetrs',
  'admissions',
  'escalations',
  'safety',
] as const

export type TableName = (typeof tableNames)[number]

/** Reads every `register/dictionary/*.yml`; throws when a declaration breaks the rules it is held to. */
export function readDictionary(folder: string = join(projectRoot, 'register/dictionary')): Dictionary {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yml'))
  const tables = new Map(files.map((file) => [basename(file, '.yml'), readTable(join(folder, file))]))
  return tableNames.map((name) => {
    const table = tables.get(name)
    if (!table) throw new DsrError('input', `The dictionary lacks ${name}.yml.`, `Add it to ${folder}.`)
    return table
  })
}

function readTable(file: string): Table {
  const parsed = tableSchema.safeParse(parse(readFileSync(file, 'utf8')))
  if (!parsed.success) {
    throw new DsrError('input', `${file}: ${z.prettifyError(parsed.error)}`, 'Put the declaration right.')
  }
  const { table, meaning, event_date, fields } = parsed.data
  const list = Object.entries(fields).map(([name, field]) => ({ name, ...field }))
  for (const field of list) {
    const problem = problemOf(field)
    if (problem) throw new DsrError('input', `${file}, field ${field.name}: ${problem}.`, 'Put the declaration right.')
  }
  return { name: table, meaning, eventDate: event_date, fields: list }
}

/** Only closed values, numbers and event dates may cross unchanged; a birth date or free text never does. */
function problemOf(field: Field): string | null {
  const isCoded = field.type === 'code' || field.type === 'codes'
  if (isCoded !== (field.codes !== undefined)) return 'type code or codes goes with a code list, and only with one'
  const mayCross = isCoded || ['date', 'integer', 'yes_no'].includes(field.type)
  if (field.treatment === 'keep' && !mayCross) return `type ${field.type} cannot be kept`
  if (field.treatment === 'keep' && field.identifies === 'direct') return 'a direct identifier cannot be kept'
  if (['theme', 'strategy'].includes(field.treatment) && field.type !== 'note') return 'only a note can be coded'
  if (field.treatment === 'role' && field.type !== 'text') return 'only a text can become a role'
  return null
}

/** Column type in landing and register (DuckDB). */
export function duckdbType(field: Field): string {
  switch (field.type) {
    case 'date':
      return 'date'
    case 'integer':
      return 'integer'
    case 'yes_no':
      return 'boolean'
    case 'texts':
    case 'codes':
      return 'varchar[]'
    default:
      return 'varchar'
  }
}
