import { pseudonymisedTables } from './pseudonymisedColumns.ts'
import type { Dictionary } from './readDictionary.ts'
import { referenceTables } from './referenceTables.ts'

/**
 * What the closed-text guard holds a column to (design.md 6):
 * - `closed`: every text is in one of these lists;
 * - `forbidden`: a column of this name would carry what identifies a person, whatever its type;
 * - `undeclared`: fine for numbers and dates, a stop for text.
 */
export type ColumnRule =
  | { readonly kind: 'closed'; readonly lists: readonly string[] }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'undeclared' }

export type ColumnRules = (schema: string, table: string, column: string) => ColumnRule

/**
 * Lists that are no file of register/codes; the guard knows their values:
 * `pseudonym` those of this version · `feeds` names of the deployment's contracts · `all` the word all · `any` the word any ·
 * `places` ICBs and all · `any_code` every code of every list · `list_names` names of the lists · `labels` their labels ·
 * `code_details` further columns of the lists · `family_reasons` a service family, a bar, a reason ·
 * `disclosure_rules` names of the rules · `setting_names`, `setting_values` those of this run · `organisation_codes`, `organisation_names`, `organisation_kinds`,
 * `region_codes`, `population_groups` from register/geography.
 */
export const derivedLists = [
  'pseudonym',
  'feeds',
  'all',
  'any',
  'places',
  'any_code',
  'list_names',
  'labels',
  'code_details',
  'family_reasons',
  'disclosure_rules',
  'setting_names',
  'setting_values',
  'organisation_codes',
  'organisation_names',
  'organisation_kinds',
  'region_codes',
  'population_groups',
] as const

/** Text columns that models of the layers between staging and published make themselves. */
const modelColumns: Readonly<Record<string, readonly string[]>> = {
  pseudonym: ['pseudonym'],
  feed: ['feeds'],
  feed_agency: ['agencies'],
  age_band: ['age_bands'],
  age_group: ['population_groups'],
  place_kind: ['place_kinds'],
  place: ['places'],
  icb_ods: ['icbs'],
  measure: ['measures'],
  breakdown_kind: ['breakdown_kinds'],
  breakdown: ['all', 'rating_groups', 'themes', 'services', 'family_reasons'],
  due_because: ['due_reasons'],
  due_rating: ['ratings'],
  rating: ['ratings'],
  rating_before: ['ratings'],
  last_ward_security: ['ward_security'],
  rule: ['disclosure_rules'],
  consent_state: ['consent_states'],
  event: ['timeline_events'],
  detail: ['any_code'],
  detail_list: ['list_names'],
  coded_from: ['coded_from'],
  state: ['need_states', 'action_states'],
  service_family: ['service_families'],
  family: ['service_families'],
}

/** Every text column of the published cells, in the warehouse and in the files of a release. Nothing falls back here. */
const publishedColumns: Readonly<Record<string, readonly string[]>> = {
  place_kind: ['place_kinds'],
  place: ['places'],
  rating: ['ratings', 'all'],
  measure: ['measures'],
  theme_code: ['themes'],
  service_code: ['services'],
  service_family: ['service_families'],
  unavailable_reason: ['unavailable_reasons'],
  state: ['cell_states'],
}

/** Texts of schema `reference`: our own facts, held to our own files. */
const referenceColumns: Readonly<Record<string, readonly string[]>> = {
  'settings.name': ['setting_names'],
  'settings.value': ['setting_values'],
  'review_intervals.age_band': ['any', 'population_groups'],
  'review_intervals.place': ['any', 'icbs'],
  'codes.list': ['list_names'],
  'codes.code': ['any_code'],
  'codes.label': ['labels'],
  'services.label': ['labels'],
  'services.commissioner': ['code_details'],
  'organisations.code': ['organisation_codes'],
  'organisations.kind': ['organisation_kinds'],
  'organisations.name': ['organisation_names'],
  'organisations.region_code': ['region_codes'],
  'populations.age_group': ['population_groups'],
}

/** Names of a birth date, beside that of the dictionary. */
const birthNames = ['date_of_birth', 'birth_date', 'born_on', 'dob', 'birthdate']

/**
 * The rule of each column of the warehouse. Tables of schema `register` and the staging models over them are held to
 * their own declaration; later models by name: to what the dictionary keeps under that name, and to `modelColumns`.
 */
export function columnRules(dictionary: Dictionary): ColumnRules {
  const declared = declaredLists(dictionary)
  const kept = keptLists(dictionary)
  const dropped = droppedNames(dictionary)
  return (schema, table, column) => {
    if (schema === 'published') return closedOr(publishedColumns[column], isDropped(dropped, column))
    const source = sourceTable(schema, table)
    if (source !== null) return closedOr(declared.get(`${source}.${column}`), isDropped(dropped, column))
    const lists = [...(modelColumns[column] ?? []), ...(kept.get(column) ?? [])]
    return closedOr(lists.length > 0 ? lists : undefined, isDropped(dropped, column))
  }
}

/** The rule of a column in a file of a release. */
export function releaseColumnRule(column: string): ColumnRule {
  return closedOr(publishedColumns[column], false)
}

function closedOr(lists: readonly string[] | undefined, isForbidden: boolean): ColumnRule {
  if (lists) return { kind: 'closed', lists }
  return { kind: isForbidden ? 'forbidden' : 'undeclared' }
}

/** `register.people` and `staging.stg_register__people` are both the table register.people. */
function sourceTable(schema: string, table: string): string | null {
  if (schema === 'register' || schema === 'reference') return `${schema}.${table}`
  const match = /^stg_(register|reference)__(.+)$/.exec(table)
  return match ? `${match[1]}.${match[2]}` : null
}

function declaredLists(dictionary: Dictionary): ReadonlyMap<string, readonly string[]> {
  const isText = (type: string): boolean => type.startsWith('varchar')
  const register = pseudonymisedTables(dictionary).flatMap((table) =>
    table.columns
      .filter((column) => isText(column.type))
      .map((column) => [`register.${table.name}.${column.name}`, column.list?.split('|') ?? ['pseudonym']] as const),
  )
  const reference = referenceTables.flatMap((table) =>
    table.columns
      .filter((column) => isText(column.type))
      .map((column) => {
        const lists = referenceColumns[`${table.name}.${column.name}`] ?? column.list?.split('|')
        return [`reference.${table.name}.${column.name}`, lists ?? []] as const
      }),
  )
  return new Map([...register, ...reference])
}

/** Lists of the coded fields that are kept, by the field's name. */
function keptLists(dictionary: Dictionary): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>()
  for (const table of pseudonymisedTables(dictionary)) {
    for (const { name, list } of table.columns) {
      if (list !== null) lists.set(name, [...new Set([...(lists.get(name) ?? []), ...list.split('|')])])
    }
  }
  return lists
}

/** Names of fields that do not cross, less those that a kept field of another table, or a column we make, also has. */
function droppedNames(dictionary: Dictionary): ReadonlySet<string> {
  const crossing = new Set(
    pseudonymisedTables(dictionary).flatMap((table) => table.columns.map((column) => column.name)),
  )
  const dropped = dictionary.flatMap((table) => table.fields).filter((field) => field.treatment !== 'keep')
  return new Set([...birthNames, ...dropped.map((field) => field.name).filter((name) => !crossing.has(name))])
}

function isDropped(dropped: ReadonlySet<string>, column: string): boolean {
  return dropped.has(column.toLowerCase())
}
