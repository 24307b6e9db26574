import { z } from 'zod'
import { DsrError } from './errors.ts'
import { nearest } from './nearest.ts'
import { readCodes } from './readCodes.ts'

function isoDay(otherwise: string): z.ZodString {
  return z.string().regex(/^\d{4}-\d{2}-\d{2}$/, otherwise)
}

const isoDate = isoDay('expected a date like 2026-10-31')

const ratingCodes = ['red', 'amber', 'green', 'blue'] as const

const icbCodes = readCodes('icbs').map(({ code }) => code)

/** An ODS code of an ICB. A misspelt one would be a place where nobody ever is. */
function icbOr(...others: readonly string[]): z.ZodString {
  const known = [...others, ...icbCodes]
  return z.string().refine((code) => known.includes(code), {
    error: ({ input }) =>
      `no ICB has the ODS code ${String(input)}; the nearest is ${nearest(String(input), known)} (register/codes/icbs.csv)`,
  })
}

const interval = z.strictObject({
  rating: z.enum(ratingCodes),
  age_band: z.enum(['any', 'under_18', 'adult']).default('any'),
  /** ODS code of an ICB, or any. */
  place: icbOr('any').default('any'),
  days: z.int().min(1).max(400),
  valid_from: isoDate.default('1900-01-01'),
  valid_to: isoDate.nullable().default(null),
})

/** No national table of intervals exists (domain.md 2.3): these are ours, for the operator to replace. */
const defaultIntervals = [
  { rating: 'red', days: 7 },
  { rating: 'amber', days: 14 },
  { rating: 'green', days: 90 },
  { rating: 'blue', days: 28 },
].map((row) => interval.parse(row))

/** Every setting of `dsr.yml`: typed, with its default and its meaning. */
export const settingsSchema = z.strictObject({
  name: z.string().default('Dynamic Support Register').describe('Name shown on every page.'),
  made_up: z.boolean().default(false).describe('All people are invented; every page says so.'),
  as_of: z
    .union([isoDay('expected a date like 2026-10-31, or the word today'), z.literal('today')])
    .default('today')
    .describe('The day that counts as today.'),
  history_months: z.int().min(3).max(120).default(36).describe('Months that the measures go back.'),
  icbs: z
    .array(icbOr(), 'give the ODS codes as a list, for example [QOQ]')
    .min(1, 'give at least one ODS code')
    .describe('ODS codes of the ICBs whose register this is.'),
  review_intervals: z
    .array(interval)
    .default(defaultIntervals)
    .describe('Days between reviews, dated, by rating, age band and place.'),
  consent_grace_days: z
    .int()
    .min(0)
    .max(365)
    .default(28)
    .describe('Days before a lapsed basis can be sealed by a named person.'),
  consent_renewal_days: z
    .int()
    .min(1)
    .max(3650)
    .default(365)
    .describe('Days after which consent is to be confirmed again.'),
  triage_days: z.int().min(1).max(365).default(28).describe('Days within which a referral is to be triaged.'),
  gap_days: z.int().min(1).max(365).default(28).describe('Days a need stays unmet before it counts as a gap.'),
  theme_silent_days: z.int().min(1).max(730).default(90).describe('Days without mention after which a theme ends.'),
  discharge_red_days: z
    .int()
    .min(0)
    .max(90)
    .default(14)
    .describe('Days rated red after discharge where no rating is recorded.'),
  disclosure_rule: z
    .enum(['nhs-lda-keyed', 'nhs-lda'])
    .default('nhs-lda-keyed')
    .describe('Rule that published counts pass.'),
  extracts_after_landing: z
    .enum(['archive', 'keep', 'delete'])
    .default('archive')
    .describe('What happens to a delivered file once landed.'),
  sign_in: z
    .strictObject({ kind: z.literal('development') })
    .default({ kind: 'development' })
    .describe('How people sign in.'),
  reject_share_limit: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('A file with a larger share of rejected rows stops the load.'),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

/** Checks the parsed `dsr.yml`; says all that does not fit at once. */
export function checkSettings(parsed: unknown, file: string): Settings {
  const result = settingsSchema.safeParse(parsed ?? {})
  if (result.success) return result.data
  const known = Object.keys(settingsSchema.shape)
  const knownInside = Object.keys(interval.shape)
  const lines = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys
          .map(
            (key) =>
              `unknown setting ${key}; the nearest known one is ${nearest(key, issue.path.length === 0 ? known : knownInside)}`,
          )
          .join('; ')
      : `${issue.path.join('.') || 'settings'}: ${issue.message}`,
  )
  throw new DsrError(
    'input',
    `${file}: ${lines.join('\n')}`,
    'docs/settings.md lists every setting with its meaning and default.',
  )
}
