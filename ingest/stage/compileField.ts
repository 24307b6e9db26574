import { isRepeatedDigitSql } from '../../register/nhsNumberSql.ts'
import { duckdbType, type Field } from '../../register/readDictionary.ts'
import { quoteName, quoteText } from '../../store/openDuckDB.ts'
import { targetsOf } from '../readContracts.ts'
import { plannedDates, type CheckCode } from '../checks.ts'
import { anyOther, type Contract, type FieldMapping } from '../contract.ts'
import type { Translations } from './translations.ts'

/** How one field of one block is read, typed and checked, as SQL. `said` is the agency's text, `typed` ours. */
export interface CompiledField {
  readonly field: Field
  /** The agency's column, for messages. */
  readonly column: string
  readonly isFromColumn: boolean
  /** The agency's text (varchar, or varchar[] for lists), cleaned: null where there is none. */
  readonly said: string
  /** Join that looks up the translation of a single word, and whether it was found; null where nothing is looked up. */
  readonly lookup: { readonly join: string; readonly isKnown: string } | null
  readonly typed: string
  readonly faults: readonly { readonly code: CheckCode; readonly when: string }[]
  /** True where a translation of the empty cell exists. */
  readonly emptyHasCode: boolean
}

export interface FieldContext {
  readonly contract: Contract
  readonly table: string
  readonly translations: Translations
  /** SQL of a cell as text. */
  readonly cell: (column: string) => string
  /** SQL of a JSON list as varchar[]; null where the column is not one. */
  readonly listCell: (column: string) => string | null
}

const longestText = 500
const longestNote = 20_000

export function compileField(context: FieldContext, field: Field, mapping: FieldMapping): CompiledField {
  const isList = field.type === 'texts' || field.type === 'codes'
  const column = mapping.column ?? mapping.columns?.join(' + ') ?? ''
  const said = isList ? saidList(context, mapping) : saidText(context, mapping)
  const s = quoteName(`said ${field.name}`)
  const t = quoteName(`typed ${field.name}`)
  const entries = translationOf(field, mapping)
  const map = entries === null ? null : context.translations.add(entries)
  const rest = mapping.codes?.[anyOther]
  const coded = map === null ? null : isList ? codedList(s, map, rest) : codedText(field, s, rest)
  const plain = coded ?? plainType(context, field, mapping, s)
  const required = isRequired(context, field)
  return {
    field,
    column: column.replace(/^\//, ''),
    isFromColumn: mapping.value === undefined,
    said,
    lookup:
      isList || map === null ? null : { join: joinOf(field, s, map), isKnown: `${alias(field)}.said is not null` },
    typed: `cast(${plain.typed} as ${duckdbType(field)})`,
    faults: [
      ...(required
        ? [{ code: 'required_value_missing' as const, when: `${t} is null and ${plain.isUnderstood}` }]
        : []),
      ...plain.faults.map(({ code, when }) => ({ code, when: when.replaceAll('{t}', t) })),
      ...textFaults(field, s, isList),
    ],
    emptyHasCode: entries?.some(([word]) => word === '') ?? false,
  }
}

/** Names are not asked of a commissioning feed: it is not to send them, and they would not be kept. */
function isRequired({ contract, table }: FieldContext, field: Field): boolean {
  if (
    table === 'people' &&
    contract.basis === 'inpatient_commissioning' &&
    ['family_name', 'given_name'].includes(field.name)
  )
    return false
  return field.required
}

interface Compiled {
  readonly typed: string
  /** SQL: the text is empty or was understood; a missing required value is only said where nothing else is wrong. */
  readonly isUnderstood: string
  /** `{t}` stands for the typed column. */
  readonly faults: readonly { readonly code: CheckCode; readonly when: string }[]
}

function clean(contract: Contract, sql: string): string {
  return contract.missing
    .filter((word) => word !== '')
    .reduce((inner, word) => `nullif(${inner}, ${quoteText(word)})`, `clean(${sql})`)
}

function saidText({ contract, cell, listCell }: FieldContext, mapping: FieldMapping): string {
  if (mapping.value !== undefined) return quoteText(mapping.value)
  const join = quoteText(mapping.join)
  const one = (column: string): string => {
    const list = listCell(column)
    return list === null ? clean(contract, cell(column)) : `nullif(array_to_string(${list}, ${join}), '')`
  }
  const text = mapping.columns
    ? `nullif(concat_ws(${join}, ${mapping.columns.map(one).join(', ')}), '')`
    : one(mapping.column ?? '')
  return mapping.part === undefined ? text : `clean(regexp_extract(${text}, ${quoteText(mapping.part)}, 1))`
}

function saidList(context: FieldContext, mapping: FieldMapping): string {
  const list = context.listCell(mapping.column ?? '')
  const text = list === null ? saidText(context, mapping) : ''
  const parts = list ?? (mapping.by === undefined ? `[${text}]` : `string_split(${text}, ${quoteText(mapping.by)})`)
  return `list_filter(list_transform(${parts}, lambda word: ${clean(context.contract, 'word')}), lambda word: word is not null)`
}

/** Words and their codes; a field with a closed list and no translations takes the list's own codes. */
function translationOf(field: Field, mapping: FieldMapping): readonly (readonly [string, string | null])[] | null {
  if (mapping.codes !== undefined) return Object.entries(mapping.codes).filter(([word]) => word !== anyOther)
  if (field.codes === undefined) return null
  return (targetsOf(field) ?? []).map((code) => [code, code] as const)
}

function alias(field: Field): string {
  return quoteName(`code of ${field.name}`)
}

function joinOf(field: Field, s: string, map: number): string {
  const name = alias(field)
  return `left join translations as ${name} on ${name}.map = ${map} and ${name}.said = coalesce(${s}, '')`
}

/** What `codes` says of every word that it does not list; where it says nothing, such a word is a fault. */
type Rest = string | null | undefined

function codedText(field: Field, s: string, rest: Rest): Compiled {
  const found = quoteName(`known ${field.name}`)
  const listed = `${alias(field)}.code`
  const code =
    typeof rest === 'string'
      ? `case when ${s} is null or ${alias(field)}.said is not null then ${listed} else ${quoteText(rest)} end`
      : listed
  const typed = field.type === 'yes_no' ? `case ${code} when 'yes' then true when 'no' then false end` : code
  if (rest !== undefined) return { typed, isUnderstood: 'true', faults: [] }
  return {
    typed,
    isUnderstood: `(${s} is null or ${found})`,
    faults: [{ code: 'code_not_in_list', when: `${s} is not null and not (${found})` }],
  }
}

function codedList(s: string, map: number, rest: Rest): Compiled {
  const known = `map_contains(getvariable('map_${map}'), word)`
  const listed = `getvariable('map_${map}')[word]`
  const code = typeof rest === 'string' ? `case when ${known} then ${listed} else ${quoteText(rest)} end` : listed
  const codes = `list_filter(list_transform(${s}, lambda word: ${code}), lambda word: word is not null)`
  const typed = `case when len(${s}) > 0 then list_distinct(${codes}) end`
  if (rest !== undefined) return { typed, isUnderstood: 'true', faults: [] }
  const unknown = `len(list_filter(${s}, lambda word: not ${known})) > 0`
  return {
    typed,
    isUnderstood: `not coalesce(${unknown}, false)`,
    faults: [{ code: 'code_not_in_list', when: unknown }],
  }
}

function plainType(context: FieldContext, field: Field, mapping: FieldMapping, s: string): Compiled {
  const always = { isUnderstood: `${s} is null` }
  switch (field.type) {
    case 'date':
      return { ...dateType(context, field, mapping, s), ...always }
    case 'integer':
      return {
        typed: mapping.times === undefined ? wholeNumber(s) : convertedNumber(s, mapping.times),
        faults: [{ code: 'number_not_understood', when: `${s} is not null and {t} is null` }],
        ...always,
      }
    case 'yes_no':
      return {
        typed: `case when lower(${s}) in ('yes', 'y', 'true', '1') then true when lower(${s}) in ('no', 'n', 'false', '0') then false end`,
        faults: [{ code: 'yes_no_not_understood', when: `${s} is not null and {t} is null` }],
        ...always,
      }
    case 'nhs_number':
      return { ...nhsNumberType(s), ...always }
    case 'postcode':
      return {
        typed: `regexp_replace(upper(regexp_replace(${s}, '\\s+', '', 'g')), '^(.+)(.{3})$', '\\1 \\2')`,
        faults: [
          {
            code: 'postcode_not_understood',
            when: `${s} is not null and not regexp_full_match({t}, '[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}')`,
          },
        ],
        ...always,
      }
    case 'lsoa':
      return {
        typed: `case when regexp_full_match(upper(${s}), '[EW]01[0-9]{6}') then upper(${s}) end`,
        faults: [{ code: 'area_code_not_understood', when: `${s} is not null and {t} is null` }],
        ...always,
      }
    case 'ods':
      return {
        typed: `case when regexp_full_match(upper(${s}), '[A-Z0-9]{3,10}') then upper(${s}) end`,
        faults: [{ code: 'organisation_code_not_understood', when: `${s} is not null and {t} is null` }],
        ...always,
      }
    case 'texts':
      return { typed: `case when len(${s}) > 0 then ${s} end`, isUnderstood: 'true', faults: [] }
    default:
      return { typed: s, faults: [], ...always }
  }
}

function wholeNumber(s: string): string {
  return `case when regexp_full_match(${s}, '[+-]?[0-9]{1,9}(\\.0+)?') then try_cast(regexp_replace(${s}, '\\..*', '') as integer) end`
}

/** A number in another unit may have decimals; ours is rounded, halves away from zero. */
function convertedNumber(s: string, times: number): string {
  return `case when regexp_full_match(${s}, '[+-]?[0-9]{1,9}(\\.[0-9]+)?') then try_cast(round(try_cast(${s} as double) * ${times}) as integer) end`
}

/** Contract's formats first, then ISO; a workbook's numbers are days since 30 December 1899. */
function dateType(
  { contract, table }: FieldContext,
  field: Field,
  mapping: FieldMapping,
  s: string,
): Pick<Compiled, 'typed' | 'faults'> {
  const formats = mapping.dates ?? contract.dates
  const shapes = [String.raw`\d{4}-\d{2}-\d{2}.*`, ...formats.map(shapeOfFormat)]
  const looksRight = `regexp_full_match(${s}, ${quoteText(shapes.join('|'))})`
  const isEvent = !plannedDates.has(`${table}.${field.name}`)
  return {
    typed: dateIn(contract, formats, s),
    faults: [
      {
        code: 'impossible_date',
        when: `(${s} is not null and {t} is null and ${looksRight}) or {t} < date '1900-01-01'`,
      },
      { code: 'date_not_understood', when: `${s} is not null and {t} is null and not ${looksRight}` },
      ...(isEvent ? [{ code: 'date_in_future' as const, when: `{t} > getvariable('delivered_on') + 1` }] : []),
    ],
  }
}

/** SQL: the day that a text says, in the first of the ways that the contract allows. */
export function dateIn(contract: Contract, formats: readonly string[], s: string): string {
  const named = formats.filter((format) => /%[bB]/.test(format)).map((format) => format.replaceAll('%B', '%b'))
  const ways = [
    ...(formats.length > 0 ? [strptime(s, formats)] : []),
    `iso_date(${s})`,
    ...(contract.read.format === 'xlsx' ? [`serial_date(${s})`] : []),
    // Last, so that the search for a month's name costs only what nothing else has read.
    ...(named.length > 0 ? [strptime(`short_month(${s})`, named)] : []),
  ]
  return `coalesce(${ways.join(', ')})`
}

function strptime(s: string, formats: readonly string[]): string {
  return `cast(try_strptime(${s}, [${formats.map(quoteText).join(', ')}]) as date)`
}

/** The digits and letters that a strptime form stands for, so that 31 September is told from another way of writing. */
function shapeOfFormat(format: string): string {
  const shapes: Readonly<Record<string, string>> = {
    d: '\\d{1,2}',
    m: '\\d{1,2}',
    y: '\\d{2}',
    Y: '\\d{4}',
    H: '\\d{1,2}',
    M: '\\d{2}',
    S: '\\d{2}',
  }
  return format.replaceAll(/%-?([a-zA-Z])|([^%])/g, (_, letter: string | undefined, other: string | undefined) =>
    letter === undefined ? (other ?? '').replaceAll(/[.\s]/g, '.') : (shapes[letter] ?? '[A-Za-z]+\\.?'),
  )
}

/** Modulus 11 in integer arithmetic: three times as fast as taking the text apart (weights 10 to 2, domain.md 8). */
function nhsNumberType(s: string): Pick<Compiled, 'typed' | 'faults'> {
  const digits = `regexp_replace(${s}, '[\\s-]', '', 'g')`
  const isTen = `regexp_full_match(${digits}, '[0-9]{10}')`
  const number = `try_cast(${digits} as bigint)`
  const isRepeated = isRepeatedDigitSql(number)
  const isValid = `nhs_remainder(${number}) = 0`
  return {
    typed: `case when ${isTen} and not ${isRepeated} and ${isValid} then ${digits} end`,
    faults: [
      { code: 'nhs_number_not_ten_digits', when: `${s} is not null and not ${isTen}` },
      { code: 'nhs_number_repeated_digits', when: `${isTen} and ${isRepeated}` },
      { code: 'nhs_number_check_digit', when: `${isTen} and not ${isRepeated} and not (${isValid})` },
    ],
  }
}

function textFaults(field: Field, s: string, isList: boolean): CompiledField['faults'] {
  if (!['text', 'texts', 'note'].includes(field.type)) return []
  const limit = field.type === 'note' ? longestNote : longestText
  const text = isList ? `array_to_string(${s}, ' ')` : s
  return [
    { code: 'over_long_text', when: `length(${text}) > ${isList ? longestNote : limit}` },
    { code: 'text_not_in_declared_encoding', when: `contains(${text}, chr(65533))` },
  ]
}
