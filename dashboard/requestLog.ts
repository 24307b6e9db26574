import type { RequestHandler } from 'express'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'

/** One line an event, as JSON: codes, counts and times, never a query, body, header, cookie or row (security.md LG-01). */
export interface Log {
  info(fields: Readonly<Record<string, string | number>>): void
  error(fields: Readonly<Record<string, string | number>>): void
}

/** The real log: JSON lines on standard output with UTC times; pino escapes control characters (LG-02). */
export function openLog(name: string): Log {
  const logger = pino({ name, base: { name }, timestamp: pino.stdTimeFunctions.isoTime })
  return { info: (fields) => logger.info(fields), error: (fields) => logger.error(fields) }
}

/**
 * Gives each request an id of our own making in `response.locals.requestId` and logs its end by the route's template.
 * `response.locals.userHash`, where the session sets it, names the user without naming them.
 */
export function logRequests(log: Log): RequestHandler {
  return (request, response, next) => {
    const started = process.hrtime.bigint()
    const requestId = randomUUID()
    response.locals['requestId'] = requestId
    response.on('close', () => {
      const { route, userHash } = response.locals as { route?: string; userHash?: string }
      log.info({
        event: response.writableFinished ? 'request' : 'request_cut_off',
        requestId,
        method: request.method.slice(0, 10),
        route: route ?? 'none',
        status: response.statusCode,
        milliseconds: Math.round(Number(process.hrtime.bigint() - started) / 1e4) / 100,
        ...(userHash ? { user: userHash } : {}),
      })
    })
    next()
  }
}
