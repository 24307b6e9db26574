import type { RequestHandler } from 'express'
import { may, type Visitor } from './access/permissions.ts'
import type { Zone } from './routes.ts'

/** What every page says of itself. */
export interface Site {
  readonly name: string
  readonly madeUp: boolean
}

/** Somebody who has signed in, as far as the navigation needs to know; null for everybody else. */
export interface KnownVisitor extends Pick<Visitor, 'name' | 'role' | 'places'> {
  readonly roleLabel: string
}

export interface NavigationEntry {
  readonly text: string
  readonly href: string
}

/** The pages a visitor may open, in the order of the navigation. What they may not open is not named (security.md AZ-06). */
export function navigationOf(visitor: KnownVisitor | null): readonly NavigationEntry[] {
  const asked = visitor === null ? null : { userId: '', ...visitor }
  const entries = [
    { text: 'Worklist', href: '/worklist', permission: 'worklist' },
    { text: 'Overview', href: '/overview', permission: 'published' },
    { text: 'Reviews', href: '/reviews', permission: 'published' },
    { text: 'Themes', href: '/themes', permission: 'published' },
    { text: 'Gaps', href: '/gaps', permission: 'published' },
    { text: 'Exact figures', href: '/exact/overview', permission: 'exact' },
    { text: 'Data quality', href: '/quality', permission: 'quality' },
    { text: 'Audit', href: '/audit', permission: 'audit' },
    { text: 'Users', href: '/users', permission: 'users' },
    { text: 'Method', href: '/method', permission: 'published' },
  ] as const
  return entries.filter((entry) => may(asked, entry.permission)).map(({ text, href }) => ({ text, href }))
}

/**
 * Gives every template `site`, `zone`, `path` (without the query), `visitor` and `navigation`. The visitor is put into
 * `response.locals.visitor` later, by whoever knows the session, so the navigation is worked out when the page is drawn.
 */
export function siteLocals(zone: Zone, site: () => Site): RequestHandler {
  return (request, response, next) => {
    Object.assign(response.locals, { site: site(), zone, path: request.path, visitor: null })
    Object.defineProperty(response.locals, 'navigation', {
      enumerable: true,
      get: () => navigationOf(response.locals['visitor'] as KnownVisitor | null),
    })
    next()
  }
}
