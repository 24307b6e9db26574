import type { AppDatabase } from '../../store/appDatabase.ts'
import type { Role } from './permissions.ts'

export interface MadeUpUser {
  readonly key: string
  readonly name: string
  readonly role: Role
  readonly places: readonly string[]
}

const grantedBy = 'development'

/**
 * Invented users, at least one of each role, written to the app database at each start of the development sign-in. Two
 * DSR teams share the places between them, so that what a team may not see is real.
 * @param icbs ODS codes of the deployment's ICBs (settings)
 */
export async function seedDevelopmentUsers(database: AppDatabase, icbs: readonly string[], now: number): Promise<void> {
  for (const user of madeUpUsers(icbs)) {
    const userId = `${grantedBy}|${user.key}`
    const row = { user_id: userId, name: user.name, is_active: 1, is_made_up: 1 }
    await database
      .insertInto('users')
      .values(row)
      .onConflict((on) => on.column('user_id').doNothing())
      .execute()
    const grant = {
      user_id: userId,
      role: user.role,
      granted_by: grantedBy,
      granted_at: now,
      expires_at: null,
      revoked_at: null,
    }
    await database
      .insertInto('grants')
      .values({ grant_id: userId, ...grant })
      .onConflict((on) => on.column('grant_id').doNothing())
      .execute()
    await database.deleteFrom('grant_places').where('grant_id', '=', userId).execute()
    const places = user.places.map((icb_ods) => ({ grant_id: userId, icb_ods }))
    if (places.length > 0) await database.insertInto('grant_places').values(places).execute()
  }
}

/** The users that the development sign-in offers for these ICBs; with one ICB there is one DSR team. */
export function madeUpUsers(icbs: readonly string[]): readonly MadeUpUser[] {
  const half = Math.max(1, Math.ceil(icbs.length / 2))
  const [first] = icbs
  const users: readonly MadeUpUser[] = [
    { key: 'dsr-team', name: 'Dana Whitlock', role: 'dsr_team', places: icbs.slice(0, half) },
    { key: 'dsr-team-2', name: 'Morgan Ashby', role: 'dsr_team', places: icbs.slice(half) },
    { key: 'tc-lead', name: 'Tariq Collingwood', role: 'tc_lead', places: first ? [first] : [] },
    { key: 'commissioner', name: 'Colette Marsden', role: 'commissioner', places: first ? [first] : [] },
    { key: 'analyst', name: 'Anwen Pryce', role: 'analyst', places: icbs },
    { key: 'ig-lead', name: 'Ingrid Thorley', role: 'ig_lead', places: icbs },
    { key: 'admin', name: 'Adaeze Rowntree', role: 'admin', places: [] },
  ]
  return users.filter((user) => user.role === 'admin' || user.places.length > 0)
}
