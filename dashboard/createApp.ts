import express, { type Express, type RequestHandler } from 'express'
import type { Server } from 'node:http'
import { assetRoutes } from './assets.ts'
import { answerErrors, answerUnknown } from './problems.ts'
import { logRequests, type Log } from './requestLog.ts'
import { registerRoutes, type Guard, type Route, type Zone } from './routes.ts'
import { securityHeaders } from './securityHeaders.ts'
import { siteLocals, type Site } from './site.ts'
import { useTemplates } from './templates.ts'

export interface AppSettings {
  readonly routes: readonly Route[]
  /** What every page says of itself, asked anew for each request: it changes with the release or version. */
  readonly site: () => Site
  /** Run before any route, in order: session, pass-through. What they answer themselves goes no further. */
  readonly before?: readonly RequestHandler[]
  /** Needed as soon as one route is for somebody rather than for all. */
  readonly guard?: Guard
  readonly log: Log
}

/**
 * The one Express app, made twice: `open` serves published figures and the assets, `restricted` sits on a private
 * socket behind it and serves whatever asks for a session (design.md 9).
 */
export function createApp(zone: Zone, settings: AppSettings): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.set('etag', zone === 'open' ? 'weak' : false)
  app.set('strict routing', true)
  useTemplates(app)
  app.use(logRequests(settings.log))
  app.use(securityHeaders(zone))
  app.use(siteLocals(zone, settings.site))
  for (const handler of settings.before ?? []) app.use(handler)
  if (zone === 'restricted') app.use(readForms())
  const routes = zone === 'open' ? [...assetRoutes(), ...settings.routes] : settings.routes
  registerRoutes(app, routes, settings.guard ?? null)
  app.use(answerUnknown)
  app.use(answerErrors(settings.log))
  return app
}

/** Forms only, small ones: no JSON, no files, no nested names (security.md WB-04). */
function readForms(): RequestHandler {
  return express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 50 })
}

/** Limits against slow and hoarding clients (security.md WB-05); Node's own are 60 s, 300 s and none. */
export function limitServer(server: Server): Server {
  server.headersTimeout = 15_000
  server.requestTimeout = 30_000
  server.keepAliveTimeout = 5_000
  server.maxConnections = 512
  return server
}
