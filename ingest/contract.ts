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

/** Among codes, the word that stands for every word that is not listed. */
export const anyOther = '*'

const codes = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((code) => (code === null ? null : String(code))),
  )
  .describe("The agency's word → our code. '' translates an empty cell, '*' every other word; ~ means no code.")

const fieldMapping = z.strictObject({
  column: z.string().min(1).optional().describe('Heading of the column, or dotted path of a JSON value.'),
  columns: z.array(z.string().min(1)).min(2).optional().describe('Several columns, joined.'),
  join: z.string().default(', ').describe('What stands between joined values.'),
  value: text.optional().describe('The same value for every row.'),
  part: z.string().optional().describe('Regular expression (RE2) whose first group is taken.'),
  by: z.string().min(1).optional().describe('What parts the entries of a list that stands in one cell.'),
  only: z.int().optional().describe('Used only for this number of repeat.'),
  times: z
    .number()
    .positive()
    .optional()
    .describe('What a number in another unit is multiplied by (1.609344 for miles); rounded to a whole number.'),
  codes: codes.optional(),
  dates: z
    .array(dateFormat)
    .min(1)
    .optional()
    .describe('Ways this date is written, where they differ from the feed’s.'),
})

const block = z.strictObject({
  sheet: z.string().optional().describe('Sheet of the workbook (xlsx); schema.table or view (postgres).'),
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
    .strictObject({
      column: z.string(),
      in: z.array(text).min(1),
      leave: z
        .array(text)
        .min(1)
        .optional()
        .describe('Kinds that are not the register’s; any word but these and those of in is then a fault.'),
    })
    .optional()
    .describe('Only rows whose column has one of these.'),
  fields: z.record(z.string(), z.union([z.string().min(1), fieldMapping])),
})

const blocks = z.union([block, z.array(block).min(1)])

/** What a file may hold before it is refused unread; each default leaves room for a million people with long notes. */
const limits = z
  .strictObject({
    file_bytes: z.int().min(1).default(8_000_000_000).describe('Size of the file.'),
    rows: z.int().min(1).default(50_000_000).describe('Records below the heading, in a file or sheet.'),
    columns: z.int().min(1).max(16_384).default(2_000).describe('Columns of a file or sheet.'),
    cell_characters: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe('Characters of one value; a record with a longer one goes to quarantine.'),
    sheets: z.int().min(1).default(100).describe('Sheets of a workbook.'),
    unpacked_bytes: z.int().min(1).default(4_000_000_000).describe('Size of a workbook once unpacked.'),
    ratio: z.number().min(1).default(200).describe('How many times larger a workbook may be unpacked.'),
  })
  .describe('What a file may hold before it is refused.')

const secretFile = z.string().min(1).describe('Owner-only file; relative to the deployment.')
const httpsUrl = z.url({ protocol: /^https$/, error: 'expected an address that begins with https://' })

/** Where `dsr pull` fetches a feed's files from, before they wait in its folder. */
const pull = z.union([
  z.strictObject({ folder: z.string().min(1).describe('A mounted share.') }),
  z.strictObject({
    https: z
      .union([httpsUrl, z.array(httpsUrl).min(1)])
      .optional()
      .describe('One address for each file.'),
    https_list: httpsUrl.optional().describe('Address of a list: {"files": [{"url", "name", "size", "sha256"}]}.'),
    token_file: secretFile.optional().describe('Holds the bearer token; readable by its owner only.'),
    ca_file: z.string().min(1).optional().describe('Certificate of the authority to trust, instead of the system’s.'),
  }),
  z.strictObject({
    sftp: z
      .string()
      .regex(/^sftp:\/\/[\w.-]+@[\w.-]+(:\d{1,5})?\/[\w./ ~-]*$/, 'expected sftp://user@host:port/folder')
      .describe('Folder of the server; /~/ is the user’s own.'),
    key_file: secretFile.describe('Private key without a passphrase; readable by its owner only.'),
    known_hosts: z.string().min(1).describe('The server’s own key, as ssh-keyscan writes it.'),
  }),
])

const fileSource = z.strictObject({
  folder: z.string().describe('Folder the agency delivers into; relative to the deployment.'),
  files: z.string().default('*').describe('Which files: * stands for any letters.'),
  pull: pull.optional().describe('Where dsr pull fetches them from.'),
})

const databaseSource = z.strictObject({
  postgres: z.strictObject({
    connection_file: secretFile.describe('Holds libpq keywords (host=… dbname=…); readable by its owner only.'),
  }),
})

export const contractSchema = z.strictObject({
  feed: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, 'expected lower-case letters, digits and _')
    .describe('Name of the feed, the same as the file’s.'),
  agency: z
    .strictObject({
      name: z.string().min(2).describe('Name of the agency, as pages and messages give it.'),
      kind: z.string().describe('Kind of agency: A01 to A14.'),
    })
    .describe('Who sends the extract.'),
  basis: z.enum(['register_consent', 'inpatient_commissioning']).describe('Lawful basis of the feed.'),
  from: z.union([fileSource, databaseSource]).describe('Files in a folder, or a live database.'),
  delivered_on: z
    .union([
      z.strictObject({ file_name: z.string() }),
      z.strictObject({ value: isoDate }),
      z.strictObject({ column: z.string() }),
      z.strictObject({ arrival: z.literal(true) }),
    ])
    .describe(
      'Day the extract was taken: from the file name (regular expression), fixed, the latest value of a column, or the day it was taken in.',
    ),
  extract: z
    .enum(['full', 'partial'])
    .default('full')
    .describe('Whether a file tells of all people of the feed, or only of those with something new.'),
  people_of: z
    .string()
    .optional()
    .describe('The feed whose people these rows hang on: the same local numbers, and no people of its own.'),
  read: z
    .strictObject({
      format: z.enum(['csv', 'xlsx', 'ndjson', 'json', 'parquet', 'postgres']),
      encoding: z.enum(['utf-8', 'utf-16', 'windows-1252']).default('utf-8'),
      delimiter: z
        .string()
        .regex(/^[ -~\t]$/, 'expected one character, or a tab')
        .refine((delimiter) => !/["'0-9A-Za-z]/.test(delimiter), 'a letter, a digit or a speech mark parts no values')
        .default(','),
      quote: z
        .enum(['"', "'", 'none'])
        .default('"')
        .describe('The mark around values that hold the delimiter (csv); none where marks mean nothing.'),
      skip_rows: z.int().min(0).max(1000).default(0).describe('Rows above the heading.'),
      footer: z
        .strictObject({ column: z.string(), starts_with: z.string().min(1) })
        .optional()
        .describe('Rows that are not data.'),
      records: z
        .string()
        .min(1)
        .optional()
        .describe('Dotted path of the list of records (json); absent where the document itself is the list.'),
      trusted: z
        .boolean()
        .default(false)
        .describe('Parquet only: its sender is trusted as our own, because the format is hard to read safely.'),
    })
    .describe('How the file is read.'),
  limits: limits.prefault({}),
  dates: z.array(dateFormat).default([]).describe('Ways dates are written; ISO dates are always understood.'),
  ignore: z.array(z.string()).default([]).describe('Columns we know and do not take.'),
  missing: z.array(text).default(['']).describe('Texts that mean empty.'),
  tables: z
    .partialRecord(z.enum(tableNames), blocks)
    .describe('Tables of the register, and which column goes to which of their fields.'),
})

export type Contract = Readonly<z.infer<typeof contractSchema>>
export type Pull = z.infer<typeof pull>
export type Limits = Readonly<z.infer<typeof limits>>

export const defaultLimits: Limits = limits.parse({})
export type Block = Readonly<z.infer<typeof block>>
export type FieldMapping = Readonly<z.infer<typeof fieldMapping>>

/** Whether the feed is a live database, and not files. */
export function isDatabase(contract: Contract): boolean {
  return 'postgres' in contract.from
}

/** Whether a record comes as JSON (c1), with dotted paths for columns, and not as cells. Parquet and PostgreSQL nest. */
export function holdsJson(contract: Contract): boolean {
  return ['ndjson', 'json', 'parquet', 'postgres'].includes(contract.read.format)
}

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
