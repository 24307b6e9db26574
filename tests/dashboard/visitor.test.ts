import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cookieName } from '../../dashboard/access/cookie.ts'
import { madeUpDeployment, madeUpRegister, release } from '../publish/madeUpWarehouse.ts'
import { serve, type OpenDashboard } from './openDashboard.ts'

/** Stands in for the restricted process: it knows one session. */
let restricted: Server
let dashboard: OpenDashboard

const cookie = `${cookieName(false)}=known`
const visitor = { name: 'Ada Example', role: 'dsr_team', roleLabel: 'DSR team', places: ['QF7'] }

beforeAll(async () => {
  const made = await madeUpDeployment({ ...madeUpRegister, months: madeUpRegister.months.slice(-2) })
  await release(made)
  mkdirSync(made.deployment.store, { recursive: true })
  restricted = createServer((request, response) => {
    const isKnown = request.headers.cookie === cookie
    response.end(JSON.stringify({ visitor: isKnown ? visitor : null }))
  })
  await new Promise<void>((resolve) => restricted.listen(made.deployment.socket, resolve))
  dashboard = await serve(made)
})

afterAll(async () => {
  await dashboard.server.stop()
  restricted.close()
})

test('a published page greets who has signed in, and is kept for nobody else', async () => {
  for (const path of ['/', '/overview', '/method']) {
    const own = await (await dashboard.get(path, { headers: { cookie } })).text()
    expect(own).toContain('Ada Example (DSR team)')
    expect(own).toContain('href="/worklist"')
    for (const headers of [{}, { cookie: `${cookieName(false)}=unknown` }] as Record<string, string>[]) {
      const other = await (await dashboard.get(path, { headers })).text()
      expect(other).not.toMatch(/Ada Example|href="\/worklist"/)
      expect(other).toContain('href="/sign-in"')
    }
    expect(await (await dashboard.get(path, { headers: { cookie } })).text()).toBe(own)
  }
})

test('the start page has something for each role', async () => {
  for (const [role, link] of Object.entries({
    commissioner: '/gaps',
    ig_lead: '/audit',
    admin: '/users',
    analyst: '/quality',
    tc_lead: '/exact/overview',
  })) {
    Object.assign(visitor, { role })
    const body = await (await dashboard.get('/', { headers: { cookie } })).text()
    const own = body.slice(body.indexOf('dsr-for-you'))
    expect(own).toContain(`href="${link}"`)
    expect(own.includes('/worklist')).toBe(false)
  }
})

test('a page that has not changed is not sent again, and is sent packed to who takes that', async () => {
  const first = await dashboard.get('/overview', { headers: { 'accept-encoding': 'gzip' } })
  expect(first.headers.get('content-encoding')).toBe('gzip')
  expect(first.headers.get('vary')).toContain('Cookie')
  const plain = await dashboard.get('/overview', { headers: { 'accept-encoding': 'identity' } })
  expect(plain.headers.has('content-encoding')).toBe(false)
  expect(await plain.text()).toBe(await first.text())
  const again = await dashboard.get('/overview', {
    headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
  })
  expect(again.status).toBe(304)
})
