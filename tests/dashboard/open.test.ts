import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../dashboard/createApp.ts'
import { pageRoutes } from '../../dashboard/figurePages.ts'
import { readRelease } from '../../dashboard/releaseFigures.ts'
import { startOpen } from '../../dashboard/openServer.ts'
import type { Log } from '../../dashboard/requestLog.ts'
import type { Route } from '../../dashboard/routes.ts'
import { cubeNames } from '../../register/release.ts'
import { writeManifest } from '../../store/manifest.ts'
import { swingPointer } from '../../store/versions.ts'
import { madeUpDeployment, madeUpRegister, release, writeWarehouse } from '../publish/madeUpWarehouse.ts'
import { readArrow } from '../publish/readArrow.ts'
import { openDashboard, serve, type OpenDashboard } from './openDashboard.ts'

const quiet: Log = { info: () => undefined, error: () => undefined }
const site = (): { name: string; madeUp: boolean } => ({ name: 'Register', madeUp: false })
const pages = ['/', '/overview', '/reviews', '/themes', '/gaps', '/method']

let dashboard: OpenDashboard

beforeAll(async () => {
  dashboard = await openDashboard()
})

afterAll(() => dashboard.server.stop())

const text = async (path: string): Promise<string> => (await dashboard.get(path)).text()

describe('published pages', () => {
  test.each(pages)('%s says that its people are made up, and the release or the way to it', async (path) => {
    const response = await dashboard.get(path)
    const body = await response.text()
    expect(response.status).toBe(200)
    expect(body).toContain('Made-up people.')
    expect(body).toMatch(/\d{4}-\d{2}-\d{2}-[0-9a-f]{10}/)
    expect(body).not.toMatch(/\b(undefined|null|NaN|Infinity)\b|\[object/)
  })

  test('no page claims the NHS logo or its copyright', async () => {
    for (const path of pages) expect(await text(path)).not.toMatch(/nhsuk-header__logo|NHS England|©/)
  })

  test('chart, table, file and sentence agree', async () => {
    const cells = readArrow(Buffer.from(await (await dashboard.get('/files/themes_by_month.arrow')).arrayBuffer()))
    const latest = cells.filter(({ texts }) => texts['month'] === '2026-10-01' && texts['place'] === 'all')
    const body = await text('/themes')
    const figure = body.slice(body.indexOf('id="themes-now"'), body.indexOf('id="theme-over-time"'))
    const rows = [...figure.matchAll(/<th scope="row"[^>]*>([^<]+)<\/th>\s*<td[^>]*>([^<]+)<\/td>/g)].map(
      ([, label, value]) => [label, value],
    )
    expect(rows).toHaveLength(33)
    const inTable = new Map(rows as [string, string][])
    const labels = (JSON.parse(await text('/files/release.json')) as { labels: { themes: Record<string, string> } })
      .labels.themes
    const csv = await text('/files/themes_by_month.csv')
    for (const { texts, value: count } of latest) {
      const theme = texts['theme_code'] ?? ''
      const shown = texts['state'] === 'shown' ? String(count) : '[c]'
      expect(inTable.get((labels[theme] ?? '').replace('&', '&amp;'))).toBe(shown)
      expect(csv).toContain(`\n2026-10-01,all,all,${theme},${shown}\n`)
    }
    const [top, value] = rows[0] ?? []
    expect(figure.includes(`on the whole register: ${top} (${value} people`)).toBe(true)
    expect(figure.match(new RegExp(`>${value} \\(was \\d+\\)<`, 'g'))?.length).toBe(2)
  })

  test('a filter that is not one of ours gets words, and nothing of what was sent', async () => {
    for (const query of [
      '?place=QMF',
      '?place=all&place=QF7',
      '?colour=red',
      '?__proto__=x',
      '?place[]=all',
      `?place=${'Zebedee'.repeat(40)}`,
    ]) {
      const response = await dashboard.get(`/overview${query}`)
      const body = await response.text()
      expect([query, response.status]).toEqual([query, 400])
      expect(body).toContain('This address holds a filter we do not know')
      expect(body).not.toContain('Zebedee')
    }
    expect((await dashboard.get('/?x=1')).status).toBe(400)
    expect((await dashboard.get('/overview?place=QF7')).status).toBe(200)
  })

  test('0 and 4 people look the same everywhere', async () => {
    const answers = async (count: number): Promise<string> => {
      const months = madeUpRegister.months.slice(-13)
      const other = await openDashboard({
        ...madeUpRegister,
        months,
        gap: (month, icb, service) => (service === 'S23' ? count / 4 : madeUpRegister.gap(month, icb, service)),
      })
      const bodies = await Promise.all(
        ['/gaps', '/gaps?place=QF7&service=S23', '/', '/files/gaps_by_service_month.csv'].map(async (path) =>
          (await other.get(path)).text(),
        ),
      )
      await other.server.stop()
      return bodies.join('\n')
    }
    expect(await answers(4)).toBe(await answers(0))
  })
})

test('a place without any figure says so', async () => {
  const { figures } = readRelease(
    join(dashboard.made.deployment.releases, (await text('/')).match(/\d{4}-\d{2}-\d{2}-[0-9a-f]{10}/)?.[0] ?? ''),
  )
  const routes = pageRoutes({ current: () => ({ ...figures, rows: () => [] }) }, 'open')
  const server = createApp('open', { routes, site, log: quiet }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  for (const path of ['/overview', '/reviews', '/themes', '/gaps?place=QF7']) {
    const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}${path}`)
    expect([response.status, (await response.text()).includes('No figures for this place')]).toEqual([404, true])
  }
  server.close()
})

describe('answers', () => {
  const sweep = [
    ...pages,
    '/nowhere',
    '/overview?x=1',
    '/files/themes_by_month.csv',
    '/health/live',
    '/health/ready',
    '/worklist',
    '/%E0%A4%A',
  ]

  test.each(sweep)('%s carries every security header', async (path) => {
    const { headers } = await dashboard.get(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toMatch(/^(private, no-cache|no-store)$/)
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('strict-transport-security')).toMatch(/max-age=31536000/)
    expect(headers.has('x-powered-by')).toBe(false)
    expect(headers.has('set-cookie')).toBe(false)
  })

  test('another method of a known page is 405 and says which there are', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await dashboard.get('/overview', { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
    }
    expect((await dashboard.get('/overview', { method: 'HEAD' })).status).toBe(200)
    expect(
      (await dashboard.get('/overview', { method: 'POST', headers: { 'x-http-method-override': 'GET' } })).status,
    ).toBe(405)
  })

  test('no path leads out of what is served', async () => {
    for (const path of [
      '/files/../../dsr.yml',
      '/files/manifest.json/',
      '/assets/',
      '/assets/..%2f..%2fpackage.json',
      '/files/%2e%2e/released',
      '/assets/dsr.css',
      '/.git/config',
      '/session',
    ]) {
      expect([path, await rawStatus(path)]).toEqual([path, 404])
    }
  })

  test('files come whole, by name, as a download', async () => {
    for (const cube of cubeNames) {
      for (const kind of ['csv', 'arrow']) {
        const response = await dashboard.get(`/files/${cube}.${kind}`)
        expect(response.headers.get('content-disposition')).toMatch(
          new RegExp(`^attachment; filename="[\\w-]+-${cube}\\.${kind}"$`),
        )
        const stored = readFileSync(join(dashboard.made.deployment.releases, await pointer(), `${cube}.${kind}`))
        expect(Buffer.from(await response.arrayBuffer()).equals(stored)).toBe(true)
      }
    }
  })

  test('restricted paths are a plain 503 while the restricted half is away', async () => {
    for (const path of [
      '/worklist',
      '/cases/abcdefgh2345',
      '/exact/overview',
      '/sign-in',
      '/audit',
      '/users',
      '/quality',
    ]) {
      const response = await dashboard.get(path)
      expect([path, response.status]).toEqual([path, 503])
      expect(await response.text()).toContain('not available now')
    }
    expect((await dashboard.get('/overview', { headers: { cookie: '__Host-dsr=1; dsr=1' } })).status).toBe(200)
  })

  test('the log holds codes and times, never an address’s query', async () => {
    await dashboard.get('/overview?place=QF7&name=Zebedee', { headers: { cookie: 'secret=1', 'user-agent': 'Dougal' } })
    const lines = JSON.stringify(dashboard.logged)
    expect(dashboard.logged.at(-1)).toMatchObject({ event: 'request', route: '/overview', status: 400, method: 'GET' })
    expect(lines).not.toMatch(/Zebedee|QF7|secret|Dougal/)
  })

  async function pointer(): Promise<string> {
    return (JSON.parse(await text('/files/release.json')) as { id: string }).id
  }

  /** fetch would tidy the path up before it is sent. */
  function rawStatus(path: string): Promise<number> {
    const { hostname, port } = new URL(dashboard.server.url)
    return new Promise((resolve, reject) => {
      request({ hostname, port, path }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  }
})

describe('the release that is served', () => {
  test('is followed without a restart, and none of many requests fails', async () => {
    const made = await madeUpDeployment()
    await release(made)
    const open = await serve(made)
    const before = await (await open.get('/')).text()
    rmSync(join(made.step.versionFolder, 'warehouse.duckdb'))
    await writeWarehouse(join(made.step.versionFolder, 'warehouse.duckdb'), { ...madeUpRegister, people: () => 100 })
    const next = release(made)
    const statuses: number[] = []
    while (statuses.length < 40) statuses.push((await open.get('/')).status)
    const { releaseId } = await next
    expect(new Set(statuses)).toEqual(new Set([200]))
    const after = await (await open.get('/')).text()
    expect(after).toContain(releaseId)
    expect(after).not.toBe(before)
    await open.server.stop()
  })

  test('stays when the next one is damaged, changed or absent', async () => {
    const made = await madeUpDeployment()
    const { releaseId, folder } = await release(made)
    const open = await serve(made)
    const damages: readonly [string, (copy: string) => void][] = [
      ['2026-10-31-0000000001', (copy) => writeFileSync(join(copy, 'themes_by_month.csv'), 'month,value\n')],
      ['2026-10-31-0000000002', (copy) => rmSync(join(copy, 'manifest.json'))],
      ['2026-10-31-0000000003', (copy) => copyFileSync(join(copy, 'themes_by_month.csv'), join(copy, 'more.csv'))],
      ['2026-10-31-0000000004', (copy) => rmSync(copy, { recursive: true })],
      // Whole and signed, but it calls itself by another name.
      ['2026-10-31-0000000005', (copy) => writeManifest(copy, 'release', made.step.keys.manifest)],
    ]
    for (const [id, damage] of damages) {
      const copy = join(made.deployment.releases, id)
      cpSync(folder, copy, { recursive: true })
      damage(copy)
      swingPointer(made.deployment.releasedPointer, id)
      expect(await (await open.get('/')).text()).toContain(releaseId)
      expect((await open.get('/health/ready')).status).toBe(200)
      expect(open.logged).toContainEqual({ level: 'error', event: 'release_not_opened', kind: 'corrupt' })
    }
    expect(open.logged.filter((line) => line['event'] === 'release_not_opened')).toHaveLength(damages.length)
    await open.server.stop()
  })

  test('is not there before the first: the pages say so', async () => {
    const made = await madeUpDeployment({ ...madeUpRegister, months: madeUpRegister.months.slice(-1) })
    const open = await serve(made)
    expect((await open.get('/health/live')).status).toBe(200)
    expect((await open.get('/health/ready')).status).toBe(503)
    expect((await open.get('/overview')).status).toBe(503)
    expect((await open.get('/files/release.json')).status).toBe(404)
    expect(await (await open.get('/')).text()).toContain('Nothing has been released so far')
    await release(made)
    expect((await open.get('/health/ready')).status).toBe(200)
    // One month only: nothing to compare with, and no page breaks over it.
    for (const path of pages) expect([path, (await open.get(path)).status]).toEqual([path, 200])
    await open.server.stop()
  })
})

describe('the start is refused', () => {
  const handle: Route['handle'] = (_request, response) => void response.send('')

  test('for a route without a permission', () => {
    const route = { method: 'get', path: '/x', handle } as unknown as Route
    expect(() => createApp('open', { routes: [route], site, log: quiet })).toThrow('/x declares no known permission')
  })

  test('for a route that nothing guards', () => {
    expect(() =>
      createApp('open', { routes: [{ method: 'get', path: '/x', permission: 'case', handle }], site, log: quiet }),
    ).toThrow('/x needs a guard')
  })

  test('on an address that other machines reach, without TLS', async () => {
    const { deployment } = await madeUpDeployment({ ...madeUpRegister, months: madeUpRegister.months.slice(-1) })
    mkdirSync(deployment.store, { recursive: true })
    await expect(startOpen({ deployment, host: '0.0.0.0', port: 0, log: quiet })).rejects.toMatchObject({
      kind: 'input',
    })
  })
})

test('a fault of ours shows nothing of itself', async () => {
  const logged: object[] = []
  const log: Log = { info: () => undefined, error: (fields) => logged.push(fields) }
  const handle = (): never => {
    throw new Error('row 12: Zebedee, 999 000 0001')
  }
  const app = createApp('open', { routes: [{ method: 'get', path: '/x', permission: 'public', handle }], site, log })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/x`)
  const body = await response.text()
  expect(response.status).toBe(500)
  expect(body).toMatch(/our fault.*Reference: [0-9a-f-]{36}/s)
  expect(body + JSON.stringify(logged)).not.toMatch(/Zebedee|999 000/)
  expect(logged).toHaveLength(1)
  server.close()
})
