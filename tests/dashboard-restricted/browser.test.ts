import axe from 'axe-core'
import { mkdirSync } from 'node:fs'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpen, type OpenServer } from '../../dashboard/openServer.ts'
import type { RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { deploymentAt } from '../../store/deployment.ts'
import { openBrowser } from '../browser/openBrowser.ts'
import { people } from './makeVersion.ts'
import { makeDeployment, quiet, start } from './visit.ts'

/** Set to a folder to look at the pages. */
const pictures = process.env['DSR_PICTURES']

const walks: readonly (readonly [string, readonly string[]])[] = [
  [
    'Dana Whitlock',
    [
      '/worklist',
      '/worklist?state=due_14',
      '/worklist?icb=QOQ&page=3',
      `/cases/${people.ada.ref}`,
      `/cases/${people.bo.ref}`,
      '/cases/zzzzzzzzzzzz',
      '/quality',
      '/exact/overview',
      '/sign-out',
    ],
  ],
  ['Tariq Collingwood', ['/exact/overview', '/exact/reviews', '/exact/themes', '/exact/gaps']],
  ['Ingrid Thorley', ['/audit', '/quality']],
  ['Adaeze Rowntree', ['/users', '/worklist']],
]

let restricted: RestrictedServer
let open: OpenServer

beforeAll(async () => {
  const home = await makeDeployment()
  restricted = await start(home)
  open = await startOpen({ deployment: deploymentAt(home), port: 0, log: quiet })
})

afterAll(async () => {
  await open.stop()
  await restricted.stop()
})

describe.each([1280, 375])('at %i pixels', (width) => {
  test.each(walks)('the pages of %s have no fault', async (user, paths) => {
    const context = await openBrowser({ width })
    try {
      const page = await context.newPage()
      const complaints = collectComplaints(page)
      await signInAs(page, user, width)
      for (const path of paths) {
        await page.goto(`${open.url}${path}`)
        await expectNoFault(page, user, path, width)
      }
      expect(complaints).toEqual([])
    } finally {
      await context.close()
    }
  })
})

test('signing out works without script, and the way back shows nothing', async () => {
  const context = await openBrowser({ javaScript: false })
  try {
    const page = await context.newPage()
    await signInAs(page, 'Dana Whitlock')
    await page.getByRole('link', { name: 'Cy Ostlethwick' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Cy Ostlethwick')
    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await context.cookies()).toEqual([])
    await page.goBack()
    await page.goBack()
    expect(await page.content()).not.toContain('Ostlethwick')
  } finally {
    await context.close()
  }
})

test('the cookie is out of reach of scripts and of other sites', async () => {
  const context = await openBrowser()
  try {
    await signInAs(await context.newPage(), 'Dana Whitlock')
    expect(await cookieFlags(context)).toEqual([{ name: 'dsr.sid', httpOnly: true, sameSite: 'Strict', path: '/' }])
  } finally {
    await context.close()
  }
})

async function signInAs(page: Page, user: string, width?: number): Promise<void> {
  await page.goto(`${open.url}/sign-in`)
  if (width !== undefined) await expectNoFault(page, user, '/sign-in', width)
  await page.getByLabel(user).check()
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function expectNoFault(page: Page, user: string, path: string, width: number): Promise<void> {
  if (pictures) {
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({
      path: `${pictures}/${width}${(user + path).replaceAll(/[^a-zA-Z0-9]/g, '_')}.png`,
      fullPage: true,
    })
  }
  const beside = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  expect([path, beside]).toEqual([path, 0])
  await page.evaluate(axe.source)
  const found = await page.evaluate<axe.AxeResults>('axe.run()')
  const faults = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
  expect([path, faults]).toEqual([path, []])
}

function collectComplaints(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (400|404)/.test(message.text())) complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== open.url) complaints.push(`asked another host: ${request.url()}`)
  })
  return complaints
}

async function cookieFlags(context: BrowserContext): Promise<unknown> {
  const cookies = await context.cookies()
  return cookies.map(({ name, httpOnly, sameSite, path }) => ({ name, httpOnly, sameSite, path }))
}
