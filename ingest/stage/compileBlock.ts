import type { Field, Table } from '../../register/readDictionary.ts'
import { quoteName, quoteText } from '../../store/openDuckDB.ts'
import { fullPath, foldHeading } from '../checkHeadings.ts'
import { blocksOf, columnsOf, holdsJson, mappingOf, type Block, type Contract, type FieldMapping } from '../contract.ts'
import { jsonPath } from '../jsonPath.ts'
import type { RawTable } from '../read/readRaw.ts'
import { compileField, type CompiledField } from './compileField.ts'
import type { FaultBook } from './faultBook.ts'
import { faultsOf, findings, partsPerBlock } from './findings.ts'
import type { Translations } from './translations.ts'

export interface BlockContext {
  readonly contract: Contract
  readonly raw: RawTable
  readonly sheetNumber: number
  readonly table: Table
  readonly block: Block
  readonly blockNumber: number
  readonly faults: FaultBook
  readonly translations: Translations
}

/**
 * The statements that turn one mapping block into staged rows: one INSERT … SELECT over the whole file, and one for
 * each number of `repeat`. Three movements: what the agency said, what that is in our types, what is wrong with it.
 */
export function compileBlock(context: BlockContext): readonly string[] {
  const { block } = context
  if (block.repeat === undefined) return [compileOne(context, block, 0)]
  return block.repeat.map((n, index) => compileOne(context, instance(block, n), index + 1))
}

/** The block of one number of `repeat`. */
function instance(block: Block, n: number): Block {
  const named = (name: string): string => name.replaceAll('{n}', String(n))
  const fields = Object.entries(block.fields).flatMap(([field, given]): [string, FieldMapping][] => {
    const mapping = mappingOf(given)
    if (mapping.only !== undefined && mapping.only !== n) return []
    return [
      [
        field,
        {
          ...mapping,
          ...(mapping.column === undefined ? {} : { column: named(mapping.column) }),
          ...(mapping.columns === undefined ? {} : { columns: mapping.columns.map(named) }),
        },
      ],
    ]
  })
  return {
    ...block,
    ...(block.when === undefined ? {} : { when: named(block.when) }),
    ...(block.where === undefined ? {} : { where: { ...block.where, column: named(block.where.column) } }),
    fields: Object.fromEntries(fields),
  }
}

/** Rows of the kinds that are wanted; where the contract says what to leave, all others, so that none goes unseen. */
function isWanted({ column, in: wanted, leave }: Where, source: Source, translations: Translations): string {
  const said = `clean(${source.cell(column)})`
  return leave === undefined
    ? `${said} in ${words(translations, wanted)}`
    : `coalesce(${said}, '') not in ${words(translations, leave)}`
}

function words(translations: Translations, list: readonly string[]): string {
  return `(select said from translations where map = ${translations.add(list.map((word) => [word, word]))})`
}

type Where = NonNullable<Block['where']>

function compileOne(context: BlockContext, block: Block, repetition: number): string {
  const { contract, raw, table, translations } = context
  const source = holdsJson(contract)
    ? jsonSource(raw, block, neededColumns(contract, block))
    : tabularSource(raw, block)
  const isPersonJudged = hasPersonOfEveryRecord(context, block)
  const fields = fieldsOf(context, block).map(([field, mapping]) => {
    const compiled = compileField(
      { contract, table: table.name, translations, cell: source.cell, listCell: source.listCell },
      field,
      mapping,
    )
    return field === localId && isPersonJudged ? { ...compiled, faults: [] } : compiled
  })
  const where = [
    ...(block.when === undefined ? [] : [`clean(${source.cell(block.when)}) is not null`]),
    ...(block.where === undefined ? [] : [isWanted(block.where, source, translations)]),
    ...(block.split === undefined ? [] : ['clean(part_text) is not null']),
  ]
  const names = fields.map(({ field }) => field.name)
  const found = findings(context, block, fields)
  const isKindKnown =
    block.where?.leave === undefined
      ? 'true'
      : `coalesce(clean(${source.cell(block.where.column)}) in ${words(translations, block.where.in)}, false)`
  return `
insert into staged_${table.name} by name
with
${source.sql},
said as (
    select
        record, part_number, ${isKindKnown} as is_kind_known,
        ${fields.map(({ field, said }) => `${said} as ${quoteName(`said ${field.name}`)}`).join(', ')}
    from source
    ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
),
typed as (
    select
        said.*,
        ${fields.map(({ field, typed }) => `${typed} as ${quoteName(`typed ${field.name}`)}`).join(', ')},
        ${fields.map(({ field, lookup }) => (lookup === null ? '' : `${lookup.isKnown} as ${quoteName(`known ${field.name}`)}, `)).join('')}
        ${existence(table, block, fields)} as is_there
    from said
    ${fields.flatMap(({ lookup }) => (lookup === null ? [] : [lookup.join])).join('\n    ')}
)
select
    ${context.sheetNumber} as sheet,
    record,
    cast(${context.blockNumber * partsPerBlock + repetition} + part_number as integer) as slot,
    ${names.map((name) => `${quoteName(`typed ${name}`)} as ${quoteName(name)}`).join(', ')},
    ${faultsOf(found)} as faults
from typed
where is_there`
}

/** Fields of the block, with the people table's number for the person where the block has none of its own. */
function fieldsOf({ contract, table }: BlockContext, block: Block): readonly (readonly [Field, FieldMapping])[] {
  const own = table.fields.flatMap((field) => {
    const mapping = block.fields[field.name]
    return mapping === undefined ? [] : [[field, mappingOf(mapping)] as const]
  })
  if (table.name === 'people') return own
  const given = block.fields['local_id']
  return [[localId, given === undefined ? recordMapping(contract, block) : mappingOf(given)], ...own]
}

const localId: Field = {
  name: 'local_id',
  meaning: 'Local id',
  type: 'text',
  required: true,
  identifies: 'direct',
  treatment: 'drop',
}

/** Whether the number is the one that the people's block judges on every record: then a fault of it is told once. */
function hasPersonOfEveryRecord({ contract, table }: BlockContext, block: Block): boolean {
  if (table.name === 'people' || block.fields['local_id'] !== undefined) return false
  const people = blocksOf(contract, 'people').find((candidate) => candidate.sheet === block.sheet)
  return people !== undefined && people.when === undefined && people.where === undefined
}

function recordMapping(contract: Contract, block: Block): FieldMapping {
  const people = blocksOf(contract, 'people').find((candidate) => candidate.sheet === block.sheet)
  const mapping = mappingOf(people?.fields['local_id'] ?? 'local_id')
  if (!holdsJson(contract) || block.each === undefined) return mapping
  const fromRecord = (column: string): string => (column.startsWith('/') ? column : `/${column}`)
  return {
    ...mapping,
    ...(mapping.column === undefined ? {} : { column: fromRecord(mapping.column) }),
    ...(mapping.columns === undefined ? {} : { columns: mapping.columns.map(fromRecord) }),
  }
}

/**
 * Whether a row exists at all: an element of a list does, a person does; otherwise one of its own columns has to hold
 * something. Constants do not count, nor does the person's number.
 */
function existence(table: Table, block: Block, fields: readonly CompiledField[]): string {
  if (table.name === 'people' || block.each !== undefined) return 'true'
  const isPlain = block.repeat === undefined && block.split === undefined
  const signs = fields
    .filter(({ field, isFromColumn }) => isFromColumn && field.name !== 'local_id')
    .map(({ field, emptyHasCode }) => {
      const said = quoteName(`said ${field.name}`)
      const isFilled =
        field.type === 'codes' || field.type === 'texts' ? `coalesce(len(${said}) > 0, false)` : `${said} is not null`
      return isPlain && emptyHasCode ? `(${isFilled} or ${quoteName(`typed ${field.name}`)} is not null)` : isFilled
    })
  return signs.length === 0 ? 'true' : signs.join(' or ')
}

interface Source {
  /** CTEs ending in one named source, with record and part_number. */
  readonly sql: string
  readonly cell: (column: string) => string
  readonly listCell: (column: string) => string | null
}

const soundRecords = `note is null or note = 'control_characters'`

function tabularSource(raw: RawTable, block: Block): Source {
  const positions = new Map(raw.headings.map((heading, index) => [foldHeading(heading), `c${index + 1}`]))
  const cell = (column: string): string => {
    if (column === 'part' && block.split !== undefined) return 'part_text'
    const found = positions.get(foldHeading(column))
    if (found === undefined) throw new Error('a column of the contract was not checked against the file')
    return found
  }
  if (block.split === undefined) {
    return {
      sql: `source as (select *, 0 as part_number from ${raw.name} where ${soundRecords})`,
      cell,
      listCell: () => null,
    }
  }
  const [first = ';', ...others] = typeof block.split.by === 'string' ? [block.split.by] : block.split.by
  const text = others.reduce(
    (inner, by) => `replace(${inner}, ${quoteText(by)}, ${quoteText(first)})`,
    cell(block.split.column),
  )
  const parts = `string_split(${text}, ${quoteText(first)})`
  const sql = `source as (
    select *, unnest(${parts}) as part_text, cast(generate_subscripts(${parts}, 1) as integer) as part_number
    from ${raw.name}
    where ${soundRecords}
)`
  return { sql, cell, listCell: () => null }
}

/** One parse of a record for all its values: a value at a time, DuckDB parses the text anew for each. */
function jsonSource(raw: RawTable, block: Block, columns: readonly string[]): Source {
  const isOfElement = (column: string): boolean => block.each !== undefined && !column.startsWith('/')
  const ofRecord = columns.filter((column) => !isOfElement(column)).map((column) => fullPath(block, column))
  const ofElement = columns.filter(isOfElement)
  const cell = (column: string): string =>
    isOfElement(column)
      ? `element_values[${ofElement.indexOf(column) + 1}]`
      : `record_values[${ofRecord.indexOf(fullPath(block, column)) + 1}]`
  const isList = (column: string): boolean =>
    raw.lists.includes(fullPath(block, column)) && !(column === 'part' && block.each !== undefined)
  const listCell = (column: string): string | null =>
    isList(column) ? `json_extract_string(${cell(column)}, '$[*]')` : null
  const recordPaths = ofRecord.length > 0 ? ofRecord.map(jsonPath) : ['$']
  const recordValues = `json_extract_string(c1, [${recordPaths.map(quoteText).join(', ')}]) as record_values`
  if (block.each === undefined) {
    return {
      sql: `source as (select record, 0 as part_number, ${recordValues} from ${raw.name} where ${soundRecords})`,
      cell,
      listCell,
    }
  }
  const list = `json_extract(c1, ${quoteText(`${jsonPath(block.each)}[*]`)})`
  const elementPaths =
    ofElement.length > 0 ? ofElement.map((column) => (column === 'part' ? '$' : jsonPath(column))) : ['$']
  const sql = `elements as (
    select record, ${recordValues}, unnest(${list}) as element, cast(generate_subscripts(${list}, 1) as integer) as part_number
    from ${raw.name}
    where ${soundRecords}
),
source as (
    select record, part_number, record_values, json_extract_string(element, [${elementPaths.map(quoteText).join(', ')}]) as element_values
    from elements
)`
  return { sql, cell, listCell }
}

function neededColumns(contract: Contract, block: Block): readonly string[] {
  const ofFields = Object.values(block.fields).flatMap((given) => columnsOf(mappingOf(given)))
  const ofPerson = block.fields['local_id'] === undefined ? columnsOf(recordMapping(contract, block)) : []
  return [
    ...new Set([
      ...ofFields,
      ...ofPerson,
      ...(block.when === undefined ? [] : [block.when]),
      ...(block.where === undefined ? [] : [block.where.column]),
    ]),
  ]
}
