import type { Request, Response } from 'express'
import { DsrError } from '../../register/errors.ts'
import { labelOf } from '../identified/labels.ts'
import { answerProblem } from '../problems.ts'
import type { Route } from '../routes.ts'
import { clearCookie, setCookie } from './cookie.ts'
import { isRole, roleNames, roles, type Role } from './permissions.ts'
import { record, sessionOf, type Restricted } from './restricted.ts'
import { isReturnPath, returnPath } from './returnPath.ts'
import { isSameOrigin } from './sameOrigin.ts'

interface OfferedUser {
  readonly grantId: string
  readonly userId: string
  readonly name: string
  readonly role: Role
  readonly places: readonly string[]
}

const loopback = ['127.0.0.1', '::1', 'localhost']

/**
 * Anyone may pick any user here, so it must never run where anyone else can reach it: it stops the start in production,
 * on an address that is not this machine's own, and behind a proxy that ends TLS for others (security.md AU-09).
 */
export function refuseDevelopmentSignIn(environment: string | undefined, host: string, isHttps: boolean): void {
  const remedy =
    'Serve on 127.0.0.1 without NODE_ENV=production and DSR_HTTPS, or wait for the sign-in by OpenID Connect.'
  if (environment === 'production') {
    throw new DsrError('input', 'The development sign-in is refused: NODE_ENV is production.', remedy)
  }
  if (!loopback.includes(host)) {
    throw new DsrError(
      'input',
      `The development sign-in is refused: ${host} is not an address of this machine alone.`,
      remedy,
    )
  }
  if (isHttps) {
    throw new DsrError('input', 'The development sign-in is refused: DSR_HTTPS says that others reach it.', remedy)
  }
}

/**
 * Whether the browser was sent here by an address of this machine. A stranger's page whose host name is made to lead to
 * this machine (DNS rebinding) has the same origin as our pages; only the name gives it away.
 */
export function isLoopbackName(host: string | undefined): boolean {
  const address = `http://${host}`
  return URL.canParse(address) && loopback.includes(new URL(address).hostname.replace(/^\[|\]$/g, ''))
}

/** Sign-in by choosing a made-up user, and sign-out. Forms are taken from our own pages only (SE-06). */
export function developmentSignInRoutes(restricted: Restricted): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/sign-in',
      permission: 'public',
      handle: (request, response) => showSignIn(restricted, request, response),
    },
    {
      method: 'post',
      path: '/sign-in',
      permission: 'public',
      handle: (request, response) => signIn(restricted, request, response),
    },
    { method: 'get', path: '/sign-out', permission: 'public', handle: (_request, response) => showSignOut(response) },
    {
      method: 'post',
      path: '/sign-out',
      permission: 'public',
      handle: (request, response) => signOut(restricted, request, response),
    },
  ]
}

async function showSignIn(restricted: Restricted, request: Request, response: Response): Promise<void> {
  const users = await offeredUsers(restricted)
  const groups = roles.map((role) => ({
    role: roleNames[role],
    users: users
      .filter((user) => user.role === role)
      .map((user) => ({ value: user.grantId, text: user.name, hint: placesText(user.places) })),
  }))
  const next = request.query['next']
  response.render('access/signIn.njk', { groups, next: isReturnPath(next) ? next : '' })
}

async function signIn(restricted: Restricted, request: Request, response: Response): Promise<void> {
  if (!isLoopbackName(request.headers.host) || !isSameOrigin(request.headers)) return answerProblem(response, 404)
  const form = (request.body ?? {}) as Record<string, unknown>
  const user = (await offeredUsers(restricted)).find((offered) => offered.grantId === form['user'])
  try {
    record(restricted, response, {
      action: 'sign-in',
      outcome: user ? 'allowed' : 'failed',
      who: user?.userId ?? 'nobody',
      role: user?.role ?? null,
    })
  } catch {
    return answerProblem(response, 503)
  }
  if (!user) return response.redirect(303, '/sign-in')
  const id = await restricted.sessions.begin(user.grantId, sessionOf(response)?.id ?? null)
  response.append('Set-Cookie', setCookie(id, restricted.isHttps))
  response.redirect(303, returnPath(form['next'], user.role))
}

function showSignOut(response: Response): void {
  const session = sessionOf(response)
  if (session === null) return response.redirect(303, '/sign-in')
  response.render('access/signOut.njk', { token: session.csrfToken })
}

async function signOut(restricted: Restricted, request: Request, response: Response): Promise<void> {
  const session = sessionOf(response)
  const { token } = (request.body ?? {}) as Record<string, unknown>
  if (session === null) return response.redirect(303, '/sign-in')
  if (!isSameOrigin(request.headers) || !restricted.sessions.isToken(session.id, token))
    return answerProblem(response, 404)
  await restricted.sessions.end(session.id)
  response.append('Set-Cookie', clearCookie(restricted.isHttps))
  response.set('Clear-Site-Data', '"cache", "storage"')
  // The session has ended either way: an audit that cannot be written must not keep anybody signed in.
  try {
    record(restricted, response, { action: 'sign-out', outcome: 'allowed' })
  } catch {
    return answerProblem(response, 503)
  }
  response.redirect(303, '/')
}

async function offeredUsers({ app, now }: Restricted): Promise<readonly OfferedUser[]> {
  const rows = await app
    .selectFrom('grants')
    .innerJoin('users', 'users.user_id', 'grants.user_id')
    .leftJoin('grant_places', 'grant_places.grant_id', 'grants.grant_id')
    .select(['grants.grant_id', 'grants.role', 'users.user_id', 'users.name', 'grant_places.icb_ods'])
    .where('users.is_made_up', '=', 1)
    .where('users.is_active', '=', 1)
    .where('grants.revoked_at', 'is', null)
    .where((is) => is.or([is('grants.expires_at', 'is', null), is('grants.expires_at', '>', now())]))
    .orderBy('grants.grant_id')
    .orderBy('grant_places.icb_ods')
    .execute()
  const users = new Map<string, OfferedUser>()
  for (const row of rows) {
    if (!isRole(row.role)) continue
    const places = [...(users.get(row.grant_id)?.places ?? []), ...(row.icb_ods === null ? [] : [row.icb_ods])]
    users.set(row.grant_id, { grantId: row.grant_id, userId: row.user_id, name: row.name, role: row.role, places })
  }
  return [...users.values()]
}

function placesText(places: readonly string[]): string {
  return places.length === 0 ? 'No places' : places.map((place) => labelOf('icbs', place)).join(', ')
}
