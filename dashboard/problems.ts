import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Log } from './requestLog.ts'

export interface Problem {
  readonly title: string
  readonly paragraphs: readonly string[]
}

/** Plain words for each answer that is not a page. 404 serves "not allowed" too: the two look the same (security.md AZ-04). */
const problems: Readonly<Record<number, Problem>> = {
  400: { title: 'This address does not work', paragraphs: ['A filter in the address is not one of ours.'] },
  404: {
    title: 'Page not found',
    paragraphs: [
      'If you typed the address, check it is right.',
      'You may need to sign in, or to sign in with another role.',
    ],
  },
  405: {
    title: 'This cannot be done here',
    paragraphs: ['The page exists, but it does not take this kind of request.'],
  },
  413: { title: 'This is too much at once', paragraphs: ['What was sent is larger than this page takes.'] },
  415: { title: 'This cannot be read', paragraphs: ['The page takes forms only.'] },
  429: { title: 'Too many requests', paragraphs: ['Wait a minute, then try again.'] },
  500: { title: 'Something went wrong', paragraphs: ['It is our fault, not yours. Try again later.'] },
  503: { title: 'This page is not available now', paragraphs: ['Try again in a few minutes.'] },
}

/**
 * Answers with a plain page in the layout: the same for each status, whatever led to it.
 * @param own words of the page itself; they must not hold anything that the visitor sent.
 */
export function answerProblem(response: Response, status: number, own?: Problem): void {
  const problem = own ?? problems[status] ?? problems[500]
  response.status(status).set('Cache-Control', 'no-store')
  response.render('views/problem.njk', { problem, status, requestId: response.locals['requestId'] as string })
}

/** The last handler: what no route took. */
export const answerUnknown: RequestHandler = (_request, response) => {
  answerProblem(response, (response.locals['problem'] as number | undefined) ?? 404)
}

/**
 * Whatever a handler threw. The page never shows it; the log gets its kind and call sites, without the message, which may
 * quote data (security.md F-10, LG-03).
 */
export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const status = statusOf(error)
    if (status === 500) {
      log.error({ event: 'error', requestId: String(response.locals['requestId']), ...traceOf(error) })
    }
    if (response.headersSent) return next(error)
    try {
      answerProblem(response, status)
    } catch {
      response.status(500).type('text/plain').send('Something went wrong. It is our fault, not yours. Try again later.')
    }
  }
}

/** Only what Express itself says of the request (a body too large, a path that does not decode); all else is ours: 500. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error) || !('expose' in error)) return 500
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 && error.status in problems
    ? error.status
    : typeof error.status === 'number' && error.status >= 400 && error.status < 500
      ? 400
      : 500
}

function traceOf(error: unknown): { readonly kind: string; readonly trace: string } {
  if (!(error instanceof Error)) return { kind: typeof error, trace: '' }
  const sites = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { kind: error.name, trace: sites.slice(0, 8).join(' |').slice(0, 1500) }
}
