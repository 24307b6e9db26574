import type { RequestHandler } from 'express'
import { createHash } from 'node:crypto'
import { readCookie } from './cookie.ts'
import { roleNames } from './permissions.ts'
import type { Restricted } from './restricted.ts'

/**
 * Looks up the session of each request and puts it, and the visitor for the navigation, into `response.locals`. The open
 * process's question `/session` is not the visitor's own doing and does not keep the session alive (security.md SE-03).
 */
export function attachSession({ sessions, isHttps }: Restricted): RequestHandler {
  return async (request, response, next) => {
    const id = readCookie(request.headers.cookie, isHttps)
    const session = await sessions.find(id, { touch: request.path !== '/session' })
    response.locals['session'] = session === null || id === null ? null : { ...session, id }
    if (session) {
      response.locals['visitor'] = { ...session.visitor, roleLabel: roleNames[session.visitor.role] }
      response.locals['userHash'] = createHash('sha256').update(session.visitor.userId).digest('hex').slice(0, 12)
    }
    next()
  }
}
