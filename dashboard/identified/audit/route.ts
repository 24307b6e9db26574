import type { Response } from 'express'
import { record, type Restricted } from '../../access/restricted.ts'
import type { Route } from '../../routes.ts'
import { servePage } from '../servePage.ts'
import { buildAudit } from './viewModel.ts'

const shown = 100

/** Who looked at whom, by reference: the audit reads neither the register nor the warehouse (security.md AZ-07). */
export function auditRoute(restricted: Restricted): Route {
  return {
    method: 'get',
    path: '/audit',
    permission: 'audit',
    handle: servePage((_request, response) => showAudit(restricted, response)),
  }
}

async function showAudit(restricted: Restricted, response: Response): Promise<void> {
  record(restricted, response, { action: 'audit', outcome: 'allowed' })
  const verdict = await restricted.verifyAudit()
  const users = await restricted.app.selectFrom('users').select(['user_id', 'name']).execute()
  const names = new Map(users.map((user) => [user.user_id, user.name]))
  response.render('identified/audit/page.njk', { view: buildAudit(verdict, restricted.audit.latest(shown), names) })
}
