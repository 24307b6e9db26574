import { z } from 'zod'

/** How a published cell stands. Suppressed is 0 to 4 people, one state: a visible zero would tell every other cell apart. */
export const cellStates = ['shown', 'suppressed', 'not_available', 'not_applicable'] as const
export type CellState = (typeof cellStates)[number]

/** A published number. `value` is null in every state but `shown`. */
export interface Cell {
  readonly value: number | null
  readonly state: CellState
}

/** What stands in a file or a table in place of a number (Government Analysis Function shorthand). */
export const stateMarks: Readonly<Record<Exclude<CellState, 'shown'>, string>> = {
  suppressed: '[c]',
  not_available: '[x]',
  not_applicable: '[z]',
}

export const cubeNames = [
  'people_by_rating_month',
  'reviews_by_rating_month',
  'themes_by_month',
  'gaps_by_service_month',
  'gaps_by_family_reason',
] as const
export type CubeName = (typeof cubeNames)[number]

const dimensionSchema = z.strictObject({
  column: z.string().regex(/^[a-z_]+$/),
  /** Code list of the column; null for months, which are the first of a month, yyyy-mm-dd. */
  list: z.string().nullable(),
  meaning: z.string(),
})

const cubeSchema = z.strictObject({
  name: z.enum(cubeNames),
  title: z.string(),
  definition: z.string(),
  unit: z.string(),
  dimensions: z.array(dimensionSchema),
  rows: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

/** `release.json`: what a release says of itself. */
export const releaseSchema = z.strictObject({
  id: z.string().regex(/^\d{4}-\d{2}-\d{2}-[0-9a-f]{10}$/),
  name: z.string(),
  madeUp: z.boolean(),
  asOf: isoDate,
  rule: z.strictObject({ name: z.enum(['nhs-lda-keyed', 'nhs-lda']), words: z.string() }),
  icbs: z.array(z.string()),
  feeds: z.array(z.strictObject({ feed: z.string(), agencyKind: z.string(), deliveredOn: isoDate.nullable() })),
  /** Settings that the measures depend on, in words. */
  measures: z.array(z.strictObject({ name: z.string(), definition: z.string() })),
  /** How well codes are found in notes, on labelled notes that the coder was not made from. */
  coder: z.array(
    z.strictObject({
      code: z.string(),
      notes: z.int().min(0),
      precision: z.number().nullable(),
      recall: z.number().nullable(),
    }),
  ),
  cubes: z.array(cubeSchema),
  labels: z.record(z.string(), z.record(z.string(), z.string())),
})

export type ReleaseDescription = z.infer<typeof releaseSchema>
export type CubeDescription = z.infer<typeof cubeSchema>

/** The rows of each cube: its dimensions as codes, and the cell. Months are the first of the month, yyyy-mm-dd. */
export interface CubeRows {
  people_by_rating_month: Cell & { readonly month: string; readonly place: string; readonly rating: string }
  reviews_by_rating_month: Cell & {
    readonly month: string
    readonly place: string
    readonly rating: string
    readonly measure: string
  }
  themes_by_month: Cell & { readonly month: string; readonly place: string; readonly theme_code: string }
  gaps_by_service_month: Cell & { readonly month: string; readonly place: string; readonly service_code: string }
  gaps_by_family_reason: Cell & {
    readonly place: string
    readonly service_family: string
    readonly unavailable_reason: string
  }
}
