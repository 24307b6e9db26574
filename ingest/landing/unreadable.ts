import type { CheckCode } from '../checks.ts'

const codes: readonly CheckCode[] = ['wrong_number_of_columns', 'stray_quote', 'broken_line', 'over_long_record']

/** SQL list of the checks that say a record could not be parted into its values: what is kept of it is raw text. */
export const unreadableCodes = codes.map((code) => `'${code}'`).join(', ')
