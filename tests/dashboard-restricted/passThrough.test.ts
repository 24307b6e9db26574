import { cpSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpen, type OpenServer } from '../../dashboard/openServer.ts'
import { isRestricted, lookUpVisitor, passThrough } from '../../dashboard/passThrough.ts'
import { createApp } from '../../dashboard/createApp.ts'
import type { RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { deploymentAt } from '../../store/deployment.ts'
import { madeUpDeployment, release } from '../publish/madeUpWarehouse.ts'
import { people } from './makeVersion.ts'
import { ask, makeDeployment, quiet, signIn, start } from './visit.ts'

describe('the two processes together', () => {
  let restricted: RestrictedServer
  let open: OpenServer
  let home: string

  beforeAll(async () => {
    home = await makeDeployment()
    const made = await madeUpDeployment()
    await release(made)
    cpSync(made.deployment.releases, deploymentAt(home).releases, { recursive: true })
    cpSync(made.deployment.releasedPointer, deploymentAt(home).releasedPointer)
    restricted = await start(home)
    open = await startOpen({ deployment: deploymentAt(home), port: 0, log: quiet })
  })

  afterAll(async () => {
    await open.stop()
    await restricted.stop()
  })

  const host = (): { readonly host: string; readonly origin: string } => ({
    host: new URL(open.url).host,
    origin: open.url,
  })

  async function signInOutside(user: string): Promise<string> {
    const form = { user: `development|${user}`, next: '' }
    const answer = await ask(open.url, '/sign-in', { method: 'POST', form, headers: host() })
    expect(answer.status).toBe(303)
    return [answer.headers['set-cookie']].flat()[0]?.split(';')[0] ?? ''
  }

  test('sign-in, worklist and case work through the open process', async () => {
    const cookie = await signInOutside('dsr-team')
    expect((await ask(open.url, '/worklist', { cookie })).body).toContain('Ada Quillfeather')
    const { status, headers } = await ask(open.url, `/cases/${people.ada.ref}`, { cookie })
    expect([status, headers['cache-control'], headers['etag']]).toEqual([200, 'no-store', undefined])
    expect(headers['content-security-policy']).not.toContain('unsafe-inline')
  })

  test('a commissioner’s case is not found, byte for byte, through the open process too', async () => {
    const cookie = await signInOutside('commissioner')
    const real = await ask(open.url, `/cases/${people.ada.ref}`, { cookie })
    const nowhere = await ask(open.url, '/cases/zzzzzzzzzzzz', { cookie })
    expect(real).toEqual({ ...nowhere, headers: { ...nowhere.headers, date: real.headers['date'] } })
    expect(real.status).toBe(404)
  })

  test('published pages know the visitor’s name and nothing else of them', async () => {
    const cookie = await signInOutside('dsr-team')
    const signedIn = await ask(open.url, '/overview', { cookie })
    expect(signedIn.body).toContain('Dana Whitlock')
    expect(signedIn.body).toContain('href="/worklist"')
    const stranger = await ask(open.url, '/overview')
    expect(stranger.body).not.toContain('Dana Whitlock')
    expect(stranger.body).not.toContain('/worklist')
  })

  test('the question who is there is not passed through', async () => {
    const cookie = await signInOutside('dsr-team')
    for (const path of ['/session', '/session/', '//session', '/worklist/../session', '/SESSION']) {
      const { status, body } = await ask(open.url, path, { cookie })
      expect([path, status, body.includes('Dana Whitlock","role')]).toEqual([path, 404, false])
    }
  })

  test('with the restricted process away published pages go on and the rest is 503 until it is back', async () => {
    const cookie = await signIn(restricted.socket, 'dsr-team')
    await restricted.stop()
    for (const path of ['/', '/overview', '/reviews', '/themes', '/gaps', '/method', '/files/themes_by_month.csv']) {
      expect([path, (await ask(open.url, path, { cookie })).status]).toEqual([path, 200])
    }
    for (const path of [
      '/worklist',
      `/cases/${people.ada.ref}`,
      '/exact/overview',
      '/quality',
      '/audit',
      '/users',
      '/sign-in',
    ]) {
      const { status, body } = await ask(open.url, path, { cookie })
      expect([path, status]).toEqual([path, 503])
      expect(body).toContain('This page is not available now')
    }
    restricted = await start(home)
    expect((await ask(open.url, '/worklist', { cookie })).status).toBe(200)
  })
})

describe('what goes over the socket', () => {
  let behind: Server
  let front: Server
  let socket: string
  let url: string
  let requests = 0
  let seen: { headers: IncomingHttpHeaders; body: string; url: string }
  let answer: 'echo' | 'hang' | 'cut' = 'echo'

  beforeAll(async () => {
    socket = deploymentAt(await makeDeployment()).socket
    behind = createServer((request, response) => {
      const parts: Buffer[] = []
      requests++
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        seen = { headers: request.headers, body: Buffer.concat(parts).toString(), url: request.url ?? '' }
        if (answer === 'hang') return
        response.writeHead(201, {
          'Set-Cookie': ['a=1', 'b=2'],
          'X-Own': 'yes',
          Connection: 'close',
          'Keep-Alive': 'timeout=9',
        })
        response.write('begun ')
        if (answer === 'cut') return void setTimeout(() => response.destroy(), 20)
        response.end('ended')
      })
    })
    await new Promise<void>((resolve) => behind.listen(socket, resolve))
    const before = [passThrough(socket), lookUpVisitor(socket, false, 100)]
    const routes = [
      {
        method: 'get',
        path: '/page',
        permission: 'published',
        handle: (_request, response) => void response.send(JSON.stringify(response.locals['visitor'])),
      },
    ] as Parameters<typeof createApp>[1]['routes']
    front = createServer(createApp('open', { routes, site: () => ({ name: 'n', madeUp: true }), before, log: quiet }))
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const address = front.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  })

  afterAll(() => {
    front.closeAllConnections()
    behind.closeAllConnections()
    front.close()
    behind.close()
  })

  test('cookie and body reach the other side, claims of identity do not', async () => {
    const form = { user: 'development|dsr-team', next: '/worklist' }
    const headers = {
      'x-forwarded-for': '10.0.0.1',
      forwarded: 'for=x',
      'x-user': 'root',
      'x-role': 'admin',
      te: 'trailers',
      'x-request-id': 'mine',
      authorization: 'Basic eA==',
    }
    await ask(url, '/sign-in?next=%2Fworklist', { method: 'POST', form, cookie: 'dsr.sid=abc', headers })
    expect(seen.url).toBe('/sign-in?next=%2Fworklist')
    expect(seen.body).toBe('user=development%7Cdsr-team&next=%2Fworklist')
    expect(seen.headers).toMatchObject({
      cookie: 'dsr.sid=abc',
      host: 'localhost',
      'content-type': 'application/x-www-form-urlencoded',
    })
    for (const name of Object.keys(headers)) expect(seen.headers).not.toHaveProperty(name)
  })

  test.each(['GET', 'DELETE', 'OPTIONS'])('the body of a %s is no second request on the other side', async (method) => {
    requests = 0
    const inner = 'GET /session HTTP/1.1\r\nHost: a\r\nX-User: root\r\n\r\n'
    const headers = 'Host: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked'
    const { hostname, port } = new URL(url)
    const answered = connect(Number(port), hostname)
    answered.write(
      `${method} /sign-in HTTP/1.1\r\n${headers}\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    )
    answered.resume()
    await once(answered, 'close')
    expect([requests, seen.url, seen.body, seen.headers['connection']]).toEqual([1, '/sign-in', '', 'close'])
  })

  test('the answer comes back whole, without headers of the connection', async () => {
    const { status, body, headers } = await ask(url, '/worklist')
    expect([status, body, headers['set-cookie'], headers['x-own']]).toEqual([201, 'begun ended', ['a=1', 'b=2'], 'yes'])
    expect(headers['keep-alive']).not.toBe('timeout=9')
  })

  test('an answer that breaks off breaks off here too, and looks like no page', async () => {
    answer = 'cut'
    await expect(ask(url, '/worklist')).rejects.toThrow()
    answer = 'echo'
  })

  test('a restricted process that hangs holds up no published page', async () => {
    answer = 'hang'
    const began = Date.now()
    expect((await ask(url, '/page', { cookie: 'dsr.sid=abc' })).body).toBe('null')
    expect(Date.now() - began).toBeLessThan(1500)
    answer = 'echo'
  })
})

test.each([
  ['/worklist', true],
  ['/cases/abc', true],
  ['/exact/overview', true],
  ['/worklists', false],
  ['/session', false],
  ['/', false],
])('%s is restricted: %s', (path, expected) => {
  expect(isRestricted(path)).toBe(expected)
})
