import axe from 'axe-core'
import { mkdirSync } from 'node:fs'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../browser/openBrowser.ts'
import { openDashboard, type OpenDashboard } from './openDashboard.ts'

/** Set to a folder to look at the pages. */
const pictures = process.env['DSR_PICTURES']

const paths = [
  '/',
  '/overview',
  '/overview?place=QWO',
  '/reviews',
  '/themes',
  '/themes?place=QWO&theme=T02',
  '/gaps',
  '/gaps?place=QHM&service=S22',
  '/method',
  '/overview?colour=red',
  '/nowhere',
]

let dashboard: OpenDashboard

beforeAll(async () => {
  dashboard = await openDashboard()
})

afterAll(() => dashboard.server.stop())

describe.each([1280, 375])('at %i pixels', (width) => {
  let browser: BrowserContext

  beforeAll(async () => {
    browser = await openBrowser({ width })
  })

  afterAll(() => browser.close())

  test.each(paths)('%s has no accessibility fault, asks no other host and breaks no policy', async (path) => {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (400|404)/.test(message.text())) complaints.push(message.text())
    })
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(new URL(request.url()).origin))
    await page.goto(`${dashboard.server.url}${path}`)
    if (pictures) {
      mkdirSync(pictures, { recursive: true })
      await page.screenshot({ path: `${pictures}/${width}${path.replace(/[^a-zA-Z0-9]/g, '_')}.png`, fullPage: true })
    }
    expect(complaints).toEqual([])
    expect([...asked]).toEqual([dashboard.server.url])
    // Nothing is wider than the window: only a region of its own may scroll sideways.
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
    await page.evaluate('document.querySelectorAll("details").forEach((details) => { details.open = true })')
    await page.evaluate(axe.source)
    const found = await page.evaluate<axe.AxeResults>('axe.run()')
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
    await page.close()
  })
})

test('without script the filter works and the table can be opened', async () => {
  const browser = await openBrowser({ javaScript: false })
  const page = await browser.newPage()
  await page.goto(`${dashboard.server.url}/themes`)
  await page.selectOption('#filter-place', 'QWO')
  await page.selectOption('#filter-theme', 'T02')
  await page.click('button[type=submit]')
  expect(new URL(page.url()).search).toBe('?place=QWO&theme=T02')
  expect(await page.textContent('h1')).toBe('Themes: West Yorkshire')
  expect(await page.textContent('#theme-over-time h2')).toMatch(/^Self-harm: /)
  await page.click('#themes-now summary')
  expect(await page.isVisible('#themes-now table')).toBe(true)
  await browser.close()
})
