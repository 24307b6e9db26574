import { z } from 'zod'
import { tableNames } from '../register/readDictionary.ts'

/**
 * The shape of `sources/<feed>.yml`: how one agency's extract becomes rows of the register.
 * `contract.schema.json` is generated from it for completion in editors (docs say how to point an editor at it).
 */

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date like 2026-10-31')
/** Ways to write a date in the letters of strptime; anything else would be SQL's or a mistake. */
const dateFormat = z.string().regex(/^(%-?[dmYyHMSbBIpjf]|[ ,./:T-])+$/, 'expected a form like %d/%m/%Y')

const codes = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((code) => (code === null ? null : String(code))),
  )
  .describe("The agency's word → our code. '' translates an empty cell; ~ marks a known word that has no code.")

const fieldMapping = z.strictObject({
  column: z.string().min(1).optional().describe('Heading of the column, or dotted path of a JSON value.'),
  columns: z.array(z.string().min(1)).min(2).optional().describe('Several columns, joined.'),
  join: z.string().default(', ').describe('What stands between joined values.'),
  value: text.optional().describe('The same value for every row.'),
  part: z.string().optional().describe('Regular expression (RE2) whose first group is taken.'),
  by: z.string().min(1).optional().describe('What parts the entries of a list that stands in one cell.'),
  only: z.int().optional().describe('Used only for this number of repeat.'),
  codes: codes.optional(),
  dates: z
    .array(dateFormat)
    .min(1)
    .optional()
    .describe('Ways this date is written, where they differ from the feed’s.'),
})

const block = z.strictObject({
  sheet: z.string().optional().describe('Sheet of the workbook (xlsx).'),
  skip_rows: z.int().min(0).max(1000).optional().describe('Rows above the heading of this sheet.'),
  repeat: z
    .array(z.int().min(0).max(99))
    .min(1)
    .optional()
    .describe('Wide files: one row for each number; {n} in names is replaced.'),
  when: z.string().optional().describe('A row only where this column is not empty.'),
  each: z.string().optional().describe('JSON: one row for each element of the list at this path.'),
  split: z
    .strictObject({ column: z.string(), by: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]) })
    .optional()
    .describe('One row for each part of a cell; the part is the column named part.'),
  where: z
    .strictObject({ column: z.string(), in: z.array(text).min(1) })
    .optional()
    .describe('Only rows whose column has one of these.'),
  fields: z.record(z.string(), z.union([z.string().min(1), fieldMapping])),
})

const blocks = z.union([block, z.array(block).min(1)])

export const contractSchema = z.strictObject({
  feed: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, 'expected lower-case letters, digits and _')
    .describe('Name of the feed, the same as the file’s.'),
  agency: z.strictObject({ name: z.string().min(2), kind: z.string().describe('Kind of agency: A01 to A14.') }),
  basis: z.enum(['register_consent', 'inpatient_commissioning']).describe('Lawful basis of the feed.'),
  from: z.strictObject({
    folder: z.string().describe('Folder the agency delivers into; relative to the deployment.'),
    files: z.string().default('*').describe('Which files: * stands for any letters.'),
  }),
  delivered_on: z
    .union([
      z.strictObject({ file_name: z.string() }),
      z.strictObject({ value: isoDate }),
      z.strictObject({ column: z.string() }),
    ])
    .describe(
      'Day the extract was taken: from the file name (regular expression), fixed, or the latest value of a column.',
    ),
  read: z.strictObject({
    format: z.enum(['csv', 'xlsx', 'ndjson']),
    encoding: z.enum(['utf-8', 'utf-16', 'windows-1252']).default('utf-8'),
    delimiter: z
      .string()
      .regex(/^[\t ,;|:~^]$/, 'expected one of , ; | : ~ ^ or a tab')
      .default(','),
    skip_rows: z.int().min(0).max(1000).default(0).describe('Rows above the heading.'),
    footer: z
      .strictObject({ column: z.string(), starts_with: z.string().min(1) })
      .optional()
      .describe('Rows that are not data.'),
  }),
  dates: z.array(dateFormat).default([]).describe('Ways dates are written; ISO dates are always understood.'),
  ignore: z.array(z.string()).default([]).describe('Columns we know and do not take.'),
  missing: z.array(text).default(['']).describe('Texts that mean empty.'),
  tables: z.partialRecord(z.enum(tableNames), blocks),
})

export type Contract = Readonly<z.infer<typeof contractSchema>>
export type Block = Readonly<z.infer<typeof block>>
export type FieldMapping = Readonly<z.infer<typeof fieldMapping>>

/** The blocks of a table, however they were written. */
export function blocksOf(contract: Contract, table: (typeof tableNames)[number]): readonly Block[] {
  const given = contract.tables[table]
  if (given === undefined) return []
  return Array.isArray(given) ? given : [given]
}

/** A mapping in its long form: `sex: Gender` is `sex: { column: Gender }`. */
export function mappingOf(mapping: string | FieldMapping): FieldMapping {
  return typeof mapping === 'string' ? { column: mapping, join: ', ' } : mapping
}

/** The columns that a mapping reads. */
export function columnsOf(mapping: FieldMapping): readonly string[] {
  return [...(mapping.column === undefined ? [] : [mapping.column]), ...(mapping.columns ?? [])]
}

/** JSON Schema of a contract, for editors. */
export function contractJsonSchema(): string {
  const schema = z.toJSONSchema(contractSchema, { io: 'input', unrepresentable: 'any' })
  return `${JSON.stringify({ ...schema, title: 'Contract of an agency extract' }, null, 2)}\n`
}

/** The agency's column (or joined columns) of a field, for messages; null where the contract does not map it. */
export function columnOf(contract: Contract, table: string, field: string): string | null {
  for (const candidate of blocksOf(contract, table as (typeof tableNames)[number])) {
    const given = candidate.fields[field]
    if (given !== undefined) return columnsOf(mappingOf(given)).join(' + ').replace(/^\//, '')
  }
  return null
}
