import type { Express, NextFunction, Request, Response } from 'express'
import { permissions, type Permission } from './access/permissions.ts'

export type Zone = 'open' | 'restricted'

/** One address of the dashboard and what a visitor must be allowed to do to reach it. */
export interface Route {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly permission: Permission | 'public'
  readonly handle: (request: Request, response: Response) => Promise<void> | void
}

/** Decides before a route's handler runs: calls `next` to allow, answers itself to refuse. A throw is a refusal too. */
export type Guard = (
  permission: Permission,
  request: Request,
  response: Response,
  next: NextFunction,
) => void | Promise<void>

/** Without a guard these two need none: published figures are for all, `public` is for signing in and health. */
const unguarded: readonly string[] = ['published', 'public']

/**
 * Registers every route behind its permission, and 405 for every other method of its path.
 * Refuses to start when a route declares no permission, or one that nothing here could check (security.md AZ-01).
 */
export function registerRoutes(app: Express, routes: readonly Route[], guard: Guard | null): void {
  const known: readonly string[] = [...permissions, 'public']
  for (const route of routes) {
    if (!known.includes(route.permission)) throw new Error(`route ${route.path} declares no known permission`)
    if (!guard && !unguarded.includes(route.permission)) throw new Error(`route ${route.path} needs a guard`)
  }
  for (const route of routes) {
    app[route.method](
      route.path,
      (request, response, next) => {
        // The template of the path, for the log: the address itself may hold a case reference (LG-01).
        response.locals['route'] = route.path
        const { permission } = route
        if (!guard || permission === 'public') return next()
        return guard(permission, request, response, next)
      },
      (request, response) => route.handle(request, response),
    )
  }
  refuseOtherMethods(app, routes)
}

/** A method that no route of the path names is answered 405 with the ones that are (security.md WB-04). */
function refuseOtherMethods(app: Express, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(path, (_request, response, next) => {
      response.locals['route'] = path
      response.set('Allow', allowed.join(', '))
      response.locals['problem'] = 405
      next()
    })
  }
}
