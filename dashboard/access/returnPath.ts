import type { Role } from './permissions.ts'

/** Where each role starts its work. */
const starts: Readonly<Record<Role, string>> = {
  dsr_team: '/worklist',
  tc_lead: '/exact/overview',
  commissioner: '/overview',
  analyst: '/quality',
  ig_lead: '/audit',
  admin: '/users',
}

/** Our own pages that need a session, and nothing else: no other host, no query, no encoding (security.md AU-12). */
const known = /^\/(worklist|quality|audit|users|exact\/(overview|reviews|themes|gaps)|cases\/[a-z2-9]{12})$/

/** Where to go after the sign-in: back to the page that was asked for, if it is one of ours. */
export function returnPath(asked: unknown, role: Role): string {
  return isReturnPath(asked) ? asked : starts[role]
}

export function isReturnPath(asked: unknown): asked is string {
  return typeof asked === 'string' && known.test(asked)
}

/** Address of the sign-in that comes back to `path`. */
export function signInAddress(path: string): string {
  return isReturnPath(path) ? `/sign-in?next=${path}` : '/sign-in'
}
