import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { may, type Permission, type Role } from '../../dashboard/access/permissions.ts'
import { restrictedRoutes } from '../../dashboard/identified/restrictedRoutes.ts'
import { cubeNames } from '../../register/release.ts'
import type { RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { people } from './makeVersion.ts'
import { ask, makeDeployment, signIn, start } from './visit.ts'

/** Every page of the restricted zone. One that is not here fails the first test. */
const pages: readonly { readonly route: string; readonly path: string; readonly permission: Permission }[] = [
  { route: '/worklist', path: '/worklist', permission: 'worklist' },
  { route: '/cases/:ref', path: `/cases/${people.ada.ref}`, permission: 'case' },
  { route: '/quality', path: '/quality', permission: 'quality' },
  { route: '/audit', path: '/audit', permission: 'audit' },
  { route: '/users', path: '/users', permission: 'users' },
  ...['overview', 'reviews', 'themes', 'gaps', ...cubeNames.map((cube) => `files/${cube}.csv`)].map((name) => ({
    route: `/exact/${name}`,
    path: `/exact/${name}`,
    permission: 'exact' as const,
  })),
]

const users: Readonly<Record<Role, string>> = {
  dsr_team: 'dsr-team',
  tc_lead: 'tc-lead',
  commissioner: 'commissioner',
  analyst: 'analyst',
  ig_lead: 'ig-lead',
  admin: 'admin',
}

let server: RestrictedServer
const cookies = new Map<string, string>()

beforeAll(async () => {
  server = await start(await makeDeployment())
  for (const user of Object.values(users)) cookies.set(user, await signIn(server.socket, user))
})

afterAll(() => server.stop())

test('every page of the restricted zone is in the matrix with its permission', () => {
  const routes = restrictedRoutes({} as never, ['QOQ']).filter((route) => route.permission !== 'public')
  const inMatrix = new Map(pages.map(({ route, permission }) => [route, permission]))
  expect(new Map(routes.map(({ path, permission }) => [path, permission]))).toEqual(inMatrix)
})

describe.each(Object.entries(users) as [Role, string][])('%s', (role, user) => {
  test.each(pages)('$path', async ({ path, permission }) => {
    const cookie = cookies.get(user) ?? null
    const isAllowed = may({ userId: '', name: '', role, places: [] }, permission)
    const answer = await ask(server.socket, path, { cookie })
    expect(answer.status).toBe(isAllowed ? 200 : 404)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['etag']).toBeUndefined()
    if (permission !== 'worklist' && permission !== 'case') expect(answer.body).not.toMatch(canary)
  })

  test('any other method is refused', async () => {
    for (const method of ['PUT', 'DELETE', 'TRACE', 'PATCH'] as const) {
      const answer = await ask(server.socket, '/worklist', {
        cookie: cookies.get(user) ?? null,
        method: method as 'GET',
      })
      expect(answer.status).toBe(405)
    }
  })
})

/** What no page without names may show. */
const canary = /Quillfeather|Windermarch|Ostlethwick|Harrowgrove|999000|Larch Rise|adaadaadaada/

test.each(pages)('without a session $path leads to the sign-in', async ({ path }) => {
  const answer = await ask(server.socket, path)
  expect(answer.status).toBe(303)
  expect(answer.headers['location']).toMatch(/^\/sign-in/)
})

test('a page that does not exist is not found, whoever asks', async () => {
  for (const cookie of cookies.values()) {
    expect((await ask(server.socket, '/worklist/else', { cookie })).status).toBe(404)
  }
})
