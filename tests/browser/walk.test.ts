import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { may, roles, type Permission, type Role } from '../../dashboard/access/permissions.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { servedDemo } from '../pipeline/dsr.ts'
import { openBrowser } from './openBrowser.ts'

// The whole house in a real browser: the compiled program, a deployment of 1,200 made-up people, each page as each role.

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const screenshots = join(projectRoot, 'build/screenshots')

const pages: readonly { readonly path: string; readonly permission: Permission }[] = [
  { path: '/', permission: 'published' },
  { path: '/overview', permission: 'published' },
  { path: '/reviews', permission: 'published' },
  { path: '/themes', permission: 'published' },
  { path: '/gaps', permission: 'published' },
  { path: '/method', permission: 'published' },
  { path: '/exact/overview', permission: 'exact' },
  { path: '/exact/reviews', permission: 'exact' },
  { path: '/exact/themes', permission: 'exact' },
  { path: '/exact/gaps', permission: 'exact' },
  { path: '/worklist', permission: 'worklist' },
  { path: '/quality', permission: 'quality' },
  { path: '/audit', permission: 'audit' },
  { path: '/users', permission: 'users' },
]

let server: ChildProcess
let address: string

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true })
  const deployment = await servedDemo(1200)
  const port = 20_000 + (process.pid % 20_000)
  server = spawn(process.execPath, [
    join(projectRoot, 'dist/pipeline/dsr.js'),
    'serve',
    '--home',
    deployment.home,
    '--port',
    String(port),
  ])
  await new Promise<void>((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes('The dashboard is open') && output.includes('restricted: ready')) resolve()
    }
    server.stdout?.on('data', read)
    server.stderr?.on('data', read)
    server.once('exit', (code) => reject(new Error(`dsr serve ended with ${code}: ${output}`)))
  })
  address = `http://127.0.0.1:${port}`
})

afterAll(() => {
  server.kill('SIGTERM')
})

/** Opens a page and says what a visitor would complain of: broken rules of the content policy, scripts that fail. */
async function open(page: Page, path: string): Promise<{ status: number; complaints: readonly string[] }> {
  const complaints: string[] = []
  const hear = (message: { type(): string; text(): string }): void => {
    if (message.type() === 'error' && !/status of 404|status of 403/.test(message.text()))
      complaints.push(message.text())
  }
  page.on('console', hear)
  const response = await page.goto(address + path)
  page.off('console', hear)
  return { status: response?.status() ?? 0, complaints }
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly target: readonly string[] }[]
  }[]
}

/** What axe finds against WCAG 2.2 AA, as short lines. */
async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource)
  const result = await page.evaluate<AxeResult>(
    `axe.run({ runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } })`,
  )
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)
}

async function signIn(context: BrowserContext, role: Role): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${address}/sign-in`)
  await page
    .locator(`input[name=user][value^="development|${role.replace('_', '-')}"]`)
    .first()
    .check()
  await page.locator('main button[type=submit]').click()
  return page
}

async function photograph(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}

const fileName = (path: string): string => (path === '/' ? 'home' : path.slice(1).replaceAll('/', '-'))

describe.each(roles)('as %s', (role) => {
  test('each page answers as the role may, says the people are made up, and axe finds nothing', async () => {
    const context = await openBrowser()
    try {
      const page = await signIn(context, role)
      const found: string[] = []
      for (const { path, permission } of pages) {
        const isAllowed = may({ userId: '', name: '', role, places: [] }, permission)
        const { status, complaints } = await open(page, path)
        if (status !== (isAllowed ? 200 : 404)) found.push(`${path} answered ${status}`)
        found.push(...complaints.map((complaint) => `${path} complains: ${complaint}`))
        found.push(...(await axe(page)).map((violation) => `${path} breaks ${violation}`))
        if (!/made.up/i.test(await page.locator('body').innerText()))
          found.push(`${path} does not say that the people are made up`)
        if (isAllowed) await photograph(page, `${role}-${fileName(path)}`)
      }
      expect(found).toEqual([])
    } finally {
      await context.close()
    }
  })
})

describe('the DSR team', () => {
  test('goes from the worklist to one person’s whole case, and the look is in the audit', async () => {
    const context = await openBrowser()
    const reader = await openBrowser()
    try {
      const page = await signIn(context, 'dsr_team')
      await page.goto(`${address}/worklist`)
      await page.locator('main a[href^="/cases/"]').first().click()
      await page.waitForURL(/\/cases\/[a-z2-9]{12}$/)
      const text = await page.locator('main').innerText()
      for (const words of [
        'NHS number',
        'Date of birth',
        'Communication',
        'tried',
        'could be useful',
        'Action plan',
        'Consent',
      ]) {
        expect(text.toLowerCase()).toContain(words.toLowerCase())
      }
      expect(await page.locator('main svg[role=img]').count()).toBeGreaterThan(0)
      expect(await axe(page)).toEqual([])
      await photograph(page, 'dsr_team-case')

      const audit = await signIn(reader, 'ig_lead')
      await audit.goto(`${address}/audit`)
      expect(await audit.locator('main').innerText()).toMatch(/case/i)
    } finally {
      await context.close()
      await reader.close()
    }
  })
})

describe('everyone', () => {
  test('a commissioner who asks for a real case is answered as for one that does not exist', async () => {
    const team = await openBrowser()
    const context = await openBrowser()
    try {
      const worklist = await signIn(team, 'dsr_team')
      await worklist.goto(`${address}/worklist`)
      const href = (await worklist.locator('main a[href^="/cases/"]').first().getAttribute('href')) ?? ''
      const page = await signIn(context, 'commissioner')
      const bodies = []
      for (const path of [href, '/cases/zzzzzzzzzzzz']) {
        const { status } = await open(page, path)
        expect(status).toBe(404)
        bodies.push((await page.locator('body').innerText()).replaceAll(/[0-9a-f-]{20,}/g, 'reference'))
      }
      expect(bodies[0]).toBe(bodies[1])
    } finally {
      await team.close()
      await context.close()
    }
  })

  test('a phone shows every published page without sideways scrolling', async () => {
    const context = await openBrowser({ width: 375 })
    try {
      const page = await context.newPage()
      const tooWide: string[] = []
      for (const { path } of pages.filter(({ permission }) => permission === 'published')) {
        await open(page, path)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        if (width > 375) tooWide.push(`${path} is ${width} wide`)
        await photograph(page, `phone-${fileName(path)}`)
      }
      expect(tooWide).toEqual([])
    } finally {
      await context.close()
    }
  })

  test('without script, charts and tables are there', async () => {
    const context = await openBrowser({ javaScript: false })
    try {
      const page = await context.newPage()
      for (const path of ['/overview', '/reviews', '/themes', '/gaps']) {
        await open(page, path)
        expect(await page.locator('main svg[role=img]').count()).toBeGreaterThan(0)
        expect(await page.locator('main table').count()).toBeGreaterThan(0)
      }
    } finally {
      await context.close()
    }
  })
})
