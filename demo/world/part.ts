import type { Path } from './person.ts'

/** What was planted in a person; `ordinary` people are left to chance. */
export type Part =
  | Exclude<Path, 'register'>
  | 'ordinary'
  | 'withdrawn_elsewhere_yes'
  | 'never_reviewed'
  | 'quiet'
  | 'three_agencies'
  | 'lapsed'
  | 'overtaken_16'
  | 'overtaken_18'
  | 'no_number'
  | 'provider_only'
  | 'canary'

/** Where a part leads. */
export function pathOf(part: Part): Path {
  switch (part) {
    case 'pending':
    case 'rejected':
    case 'withdrawn':
    case 'refused':
    case 'unrecorded':
    case 'statutory':
      return part
    case 'withdrawn_elsewhere_yes':
      return 'withdrawn'
    default:
      return 'register'
  }
}
