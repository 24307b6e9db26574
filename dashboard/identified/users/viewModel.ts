import { isRole, roleNames } from '../../access/permissions.ts'
import type { TableView } from '../../figureView.ts'
import { labelOf } from '../labels.ts'
import { dateText } from '../words.ts'

export interface GrantRow {
  readonly grant_id: string
  readonly name: string
  readonly is_active: number
  readonly role: string
  readonly granted_by: string
  readonly granted_at: number
  readonly expires_at: number | null
  readonly revoked_at: number | null
  readonly places: readonly string[]
}

/** @param now milliseconds, to tell grants that have ended */
export function buildUsers(grants: readonly GrantRow[], now: number): TableView {
  const columns = ['User', 'Role', 'Places', 'Granted by', 'Granted on', 'State']
  return {
    caption: 'Grants',
    columns: columns.map((text) => ({ text, numeric: false })),
    rows: grants.map((grant) => [
      grant.name,
      isRole(grant.role) ? roleNames[grant.role] : grant.role,
      grant.places.length === 0 ? 'None' : grant.places.map((place) => labelOf('icbs', place)).join(', '),
      grant.granted_by,
      dayOf(grant.granted_at),
      stateOf(grant, now),
    ]),
  }
}

function stateOf(grant: GrantRow, now: number): string {
  if (grant.is_active !== 1) return 'User not active'
  if (grant.revoked_at !== null) return `Revoked on ${dayOf(grant.revoked_at)}`
  if (grant.expires_at === null) return 'Valid'
  return grant.expires_at > now ? `Valid until ${dayOf(grant.expires_at)}` : `Ended on ${dayOf(grant.expires_at)}`
}

function dayOf(milliseconds: number): string {
  return dateText(new Date(milliseconds).toISOString())
}
