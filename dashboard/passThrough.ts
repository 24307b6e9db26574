import type { Request, RequestHandler, Response } from 'express'
import { request as ask, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { cookieName } from './access/cookie.ts'
import { answerProblem } from './problems.ts'
import type { KnownVisitor } from './site.ts'

/** Paths of the restricted process: each of these and everything below it. `/session` is not among them. */
export const restrictedPaths = [
  '/sign-in',
  '/sign-out',
  '/exact',
  '/worklist',
  '/cases',
  '/quality',
  '/audit',
  '/users',
] as const

/**
 * The headers a visitor may send on to the restricted process. A list of what is allowed: no X-Forwarded-For, X-User or
 * any other header can claim an identity, a role or an address (security.md SE-07).
 */
const passedOn = ['host', 'cookie', 'origin', 'sec-fetch-site', 'accept', 'accept-language'] as const

/** And of a form, which only POST has. */
const passedOnWithForm = [...passedOn, 'content-type', 'content-length'] as const

/** Of one connection, not of the answer (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Hands the restricted paths to the restricted process over its socket, body and answer streamed. When nobody answers
 * there, the visitor gets a plain 503; published pages know nothing of it.
 * @param socket path of the unix socket (deployment.socket)
 */
export function passThrough(socket: string): RequestHandler {
  return (request, response, next) => {
    if (!isRestricted(request.path)) return next()
    response.locals['route'] = 'passed through'
    forward(socket, request, response)
  }
}

export function isRestricted(path: string): boolean {
  return restrictedPaths.some((known) => path === known || path.startsWith(`${known}/`))
}

function forward(socket: string, request: Request, response: Response): void {
  const hasForm = request.method === 'POST'
  const asked = ask({
    socketPath: socket,
    method: request.method,
    path: request.originalUrl,
    headers: passedHeaders(request, hasForm ? passedOnWithForm : passedOn),
    timeout: 30_000,
    // A connection for each request: whatever one visitor leaves on it cannot become another's answer.
    agent: false,
  })
  const away = (): void => {
    if (response.headersSent) response.destroy()
    else answerProblem(response, 503)
  }
  asked.on('timeout', () => asked.destroy(new Error('The restricted process does not answer.')))
  asked.on('error', away)
  asked.on('response', (answer) => passBack(answer, response))
  response.on('close', () => asked.destroy())
  // Node sends the body of any other method without its length, and the other side would take it for a second request.
  if (hasForm) request.pipe(asked)
  else asked.end()
}

function passedHeaders(request: Request, names: readonly string[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const name of names) {
    const value = request.headers[name]
    if (value !== undefined) headers[name] = value
  }
  return headers
}

/** The answer replaces what the open app had set: it is wholly the restricted process's, headers included. */
function passBack(answer: IncomingMessage, response: Response): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.status(answer.statusCode ?? 502)
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !hopByHop.has(name)) response.setHeader(name, value)
  }
  answer.on('error', () => response.destroy())
  answer.on('aborted', () => response.destroy())
  answer.pipe(response)
}

/**
 * Asks the restricted process who the visitor is, for the navigation only: published pages show nobody anything more.
 * Without our cookie nothing is asked; when nobody answers in time, the visitor is a stranger.
 */
export function lookUpVisitor(socket: string, isHttps: boolean, milliseconds = 300): RequestHandler {
  const mark = `${cookieName(isHttps)}=`
  return async (request, response, next) => {
    const { cookie } = request.headers
    if (cookie?.includes(mark) && isPage(request)) {
      response.locals['visitor'] = await askWho(socket, cookie, milliseconds)
    }
    next()
  }
}

function isPage(request: Request): boolean {
  return !isRestricted(request.path) && !/^\/(assets|files|health)\//.test(request.path)
}

function askWho(socket: string, cookie: string, milliseconds: number): Promise<KnownVisitor | null> {
  return new Promise((resolve) => {
    const asked = ask(
      { socketPath: socket, path: '/session', headers: { cookie }, timeout: milliseconds },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () =>
          resolve(answer.statusCode === 200 ? parseVisitor(Buffer.concat(parts).toString()) : null),
        )
        answer.on('error', () => resolve(null))
      },
    )
    const overall = setTimeout(() => asked.destroy(new Error('too late')), milliseconds)
    asked.on('close', () => {
      clearTimeout(overall)
      resolve(null)
    })
    asked.on('error', () => resolve(null))
    asked.end()
  })
}

function parseVisitor(text: string): KnownVisitor | null {
  try {
    const { visitor } = JSON.parse(text) as { visitor: KnownVisitor | null }
    return visitor
  } catch {
    return null
  }
}
