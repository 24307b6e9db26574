import { z } from 'zod'
import { DsrError } from './errors.ts'
import { suggest } from './nearest.ts'
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
      `no ICB has the ODS code ${String(input)}${suggest(String(input), known)} (register/codes/icbs.csv)`,
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

const birthdays = z.union([z.literal(16), z.literal(18)], 'the law knows two birthdays: 16 and 18')

const consentRule = z
  .strictObject({
    basis: z.enum(['K01', 'K02', 'K03', 'K04', 'K05', 'K06', 'K07', 'K08']),
    from_age: z.union([z.literal(0), birthdays]).default(0),
    /** The birthday at which the span ends, or null. */
    to_age: birthdays.nullable().default(null),
    /** ODS code of an ICB, or any. */
    place: icbOr('any').default('any'),
    /** No: this basis is not taken at this age in this place. */
    allowed: z.boolean().default(true),
    /** Yes: a decision of one's own, which a later birthday does not undo. */
    outlasts: z.boolean().default(false),
    valid_from: isoDate.default('1900-01-01'),
    valid_to: isoDate.nullable().default(null),
  })
  .refine(({ from_age, to_age }) => to_age === null || from_age < to_age, 'from_age must be below to_age')

/** Which basis fits which age on the day of the decision: settings, as local protocols differ (docs/consent.md). */
export type ConsentRule = Readonly<z.infer<typeof consentRule>>

/**
 * The national wording (domain.md 2.5, 6f). The council's parental responsibility (K08) has two spans, so that one
 * decided before 16 is asked for anew at 16 and one decided after holds until 18.
 */
export const defaultConsentRules: readonly ConsentRule[] = [
  { basis: 'K01', from_age: 18 },
  { basis: 'K02', from_age: 16, to_age: 18, outlasts: true },
  { basis: 'K03', to_age: 16, outlasts: true },
  { basis: 'K04', to_age: 16 },
  { basis: 'K05', from_age: 16, to_age: 18 },
  { basis: 'K06', from_age: 16 },
  { basis: 'K07', from_age: 16 },
  { basis: 'K08', to_age: 16 },
  { basis: 'K08', from_age: 16, to_age: 18 },
].map((row) => consentRule.parse(row))

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
  consent_rules: z
    .array(consentRule)
    .default([...defaultConsentRules])
    .describe('Which consent basis fits which age on the day of the decision, dated, by place.'),
  backup_days: z
    .int()
    .min(0)
    .max(3650)
    .default(35)
    .describe('Days that the operator keeps a backup: after them a withdrawn person is in none.'),
  link_by_likeness: z
    .enum(['alike', 'exact'])
    .default('alike')
    .describe(
      'Records without an NHS number that are joined without asking: those alike beyond doubt, or only exact ones.',
    ),
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
  extract_min_group: z
    .int()
    .min(3)
    .max(100)
    .default(5)
    .describe('People who must share each combination of telling values in an external extract (dsr extract).'),
  reidentify_roles: z
    .array(z.enum(['dsr_team', 'ig_lead']), 'give the roles as a list, of dsr_team and ig_lead')
    .default(['dsr_team', 'ig_lead'])
    .describe('Roles that may ask whose pseudonym it is (dsr reidentify).'),
  reidentify_per_day: z
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe('Pseudonyms that may be looked up in 24 hours, by everyone together (dsr reidentify).'),
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
  count_change_limit: z
    .number()
    .min(1)
    .default(2)
    .describe('A full extract with so many times more or fewer records than the last one is refused until accepted.'),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

/** Checks the parsed `dsr.yml`; says all that does not fit at once. */
export function checkSettings(parsed: unknown, file: string): Settings {
  const result = settingsSchema.safeParse(parsed ?? {})
  if (result.success) return result.data
  const knownIn = (path: readonly PropertyKey[]): readonly string[] => {
    if (path.length === 0) return Object.keys(settingsSchema.shape)
    return Object.keys(path[0] === 'consent_rules' ? consentRule.shape : interval.shape)
  }
  const lines = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `unknown setting ${key}${suggest(key, knownIn(issue.path))}`).join('; ')
      : `${issue.path.join('.') || 'settings'}: ${issue.message}`,
  )
  throw new DsrError(
    'input',
    `${file}: ${lines.join('\n')}`,
    'docs/settings.md lists every setting with its meaning and default.',
  )
}
