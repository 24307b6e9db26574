/** What a route asks of its visitor. `published` is open to all, signed in or not (design.md 8, 11). */
export const permissions = ['published', 'exact', 'worklist', 'case', 'quality', 'audit', 'users'] as const
export type Permission = (typeof permissions)[number]

export const roles = ['dsr_team', 'tc_lead', 'commissioner', 'analyst', 'ig_lead', 'admin'] as const
export type Role = (typeof roles)[number]

export const roleNames: Readonly<Record<Role, string>> = {
  dsr_team: 'DSR team',
  tc_lead: 'Transforming Care lead',
  commissioner: 'Commissioner',
  analyst: 'Analyst',
  ig_lead: 'Information governance lead',
  admin: 'Administrator',
}

/**
 * Administration and data are apart (security.md AZ-07): who grants access sees no case, and who reads the audit sees
 * who looked, not what they saw. A commissioner has no way to rows of any kind (AZ-06).
 */
const granted: Readonly<Record<Role, readonly Permission[]>> = {
  dsr_team: ['published', 'exact', 'worklist', 'case', 'quality'],
  tc_lead: ['published', 'exact', 'quality'],
  commissioner: ['published'],
  analyst: ['published', 'quality'],
  ig_lead: ['published', 'audit', 'quality'],
  admin: ['published', 'users'],
}

/** Someone who has signed in, with the one role they chose and the places that role was granted for. */
export interface Visitor {
  readonly userId: string
  readonly name: string
  readonly role: Role
  /** ODS codes of ICBs. Empty means no place at all, never every place. */
  readonly places: readonly string[]
}

/** Whether a visitor, or somebody who has not signed in (null), may do what a route asks. Anything unknown is refused. */
export function may(visitor: Visitor | null, permission: Permission): boolean {
  if (permission === 'published') return true
  return visitor !== null && (granted[visitor.role] ?? []).includes(permission)
}

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text)
}
