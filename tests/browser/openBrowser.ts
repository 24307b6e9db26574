import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext } from 'playwright-core'
import { execFileSync } from 'node:child_process'
import { projectRoot } from '../../register/projectRoot.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A real Chromium with a fresh profile; each call is a person of their own. */
export async function openBrowser(
  options: { readonly width?: number; readonly javaScript?: boolean } = {},
): Promise<BrowserContext> {
  const { width = 1280, javaScript = true } = options
  return chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'dsr-browser-')), {
    executablePath: chromiumPath(),
    headless: true,
    args: flags,
    viewport: { width, height: 900 },
    javaScriptEnabled: javaScript,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
  })
}

/** `make test` names it; run alone, the same script finds or installs it. */
function chromiumPath(): string {
  const named = process.env['CHROMIUM']
  if (named) return named
  return execFileSync('bash', [join(projectRoot, 'tests/browser/findChromium.sh')], { encoding: 'utf8' }).trim()
}
