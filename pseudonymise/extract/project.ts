import { z } from 'zod'

const day = z.iso.date('expected a date like 2027-03-31')
const column = z
  .string()
  .regex(/^([a-z_]+|\*)\.[a-z][a-z0-9_]*$/, 'expected table.column, or *.column for every chosen table that has it')

/** A label of our own for several codes: it stands in the files, and the guard holds them to it. */
const label = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9 +_-]{0,39}$/, 'a group is called by a letter, then letters, digits, spaces, + - _')

export const levels = [
  'month',
  'quarter',
  'year',
  'icb',
  'region',
  'group',
  'wide',
  'child_or_adult',
  'family',
] as const

const coarsening = z
  .strictObject({
    column,
    /** A coarser level that the project knows, or drop. */
    to: z.enum([...levels, 'drop']).optional(),
    /** Codes by the label that stands for them; a code that is not named becomes other. */
    groups: z.record(label, z.array(z.string()).min(1)).optional(),
    /** Whole numbers at which a new band begins. */
    bands: z.array(z.int().min(0)).min(1).optional(),
  })
  .refine(
    ({ to, groups, bands }) => [to, groups, bands].filter((way) => way !== undefined).length === 1,
    'give one of to, groups and bands',
  )

/** `projects/<name>.yml` of a deployment: who may have which columns, and how they are made coarser (docs/external-extracts.md). */
export const projectSchema = z.strictObject({
  title: z.string().min(3),
  recipient: z.string().min(3),
  purpose: z.string().min(10),
  /** Reference of the data sharing agreement. */
  agreement: z.string().min(3),
  /** Last day on which an extract may be made. */
  valid_until: day,
  /** Terms of use; they are written beside the files. */
  licence: z.string().min(20),
  tables: z.record(z.string(), z.array(z.string()).min(1)),
  /** Made coarser in any case. */
  always: z.array(coarsening).default([]),
  /** Made coarser one after the other, until every group is large enough. */
  ladder: z.array(coarsening).default([]),
  /** Days and numbers that no outsider can know, each with the reason why; they make no group. */
  not_known_outside: z.record(column, z.string().min(20, 'give the reason in a sentence')).default({}),
  /** Share of the people, and of the rows of each table, that may be left out at the end of the ladder. */
  leave_out_up_to: z.number().min(0).max(0.2).default(0),
  /** What to do with people of whom no agency says whether they opted out. */
  opt_out_not_recorded: z.enum(['leave_out', 'keep']).default('leave_out'),
  /** Larger than the setting extract_min_group; never smaller. */
  min_group: z.int().min(3).optional(),
})

export type Project = Readonly<z.infer<typeof projectSchema>> & { readonly name: string }
export type Coarsening = Readonly<z.infer<typeof coarsening>>

/** Part of the key's label and of file names. */
export const projectNamePattern = /^[a-z][a-z0-9_]{2,39}$/
