import type { Response } from 'express'
import { record, type Restricted } from '../../access/restricted.ts'
import type { Route } from '../../routes.ts'
import { servePage } from '../servePage.ts'
import { buildUsers } from './viewModel.ts'

/** Grants, and no data of anyone on the register (security.md AZ-07). */
export function usersRoute(restricted: Restricted): Route {
  return {
    method: 'get',
    path: '/users',
    permission: 'users',
    handle: servePage((_request, response) => showUsers(restricted, response)),
  }
}

async function showUsers(restricted: Restricted, response: Response): Promise<void> {
  record(restricted, response, { action: 'users', outcome: 'allowed' })
  const { app, now } = restricted
  const grants = await app
    .selectFrom('grants')
    .innerJoin('users', 'users.user_id', 'grants.user_id')
    .select([
      'grants.grant_id',
      'users.name',
      'users.is_active',
      'grants.role',
      'grants.granted_by',
      'grants.granted_at',
    ])
    .select(['grants.expires_at', 'grants.revoked_at'])
    .orderBy('grants.role')
    .orderBy('grants.grant_id')
    .execute()
  const places = await app.selectFrom('grant_places').selectAll().orderBy('icb_ods').execute()
  const rows = grants.map((grant) => ({
    ...grant,
    places: places.filter((place) => place.grant_id === grant.grant_id).map((place) => place.icb_ods),
  }))
  response.render('identified/users/page.njk', { view: buildUsers(rows, now()) })
}
