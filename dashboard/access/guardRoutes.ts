import { answerProblem } from '../problems.ts'
import type { Guard } from '../routes.ts'
import { may } from './permissions.ts'
import { record, sessionOf, type Restricted } from './restricted.ts'
import { signInAddress } from './returnPath.ts'

/**
 * The guard of the restricted zone. Without a session: to the sign-in, whatever the address, so nothing is learnt from
 * it. With one that lacks the permission: the answer of a page that does not exist (security.md AZ-04), and an entry in
 * the audit; without the entry, 503.
 */
export function guardRoutes(restricted: Restricted): Guard {
  return (permission, request, response, next) => {
    const session = sessionOf(response)
    if (session === null) {
      if (request.method === 'POST') return answerProblem(response, 404)
      return response.redirect(303, signInAddress(request.path))
    }
    if (may(session.visitor, permission)) return next()
    try {
      record(restricted, response, { action: permission, outcome: 'denied' })
    } catch {
      return answerProblem(response, 503)
    }
    answerProblem(response, 404)
  }
}
