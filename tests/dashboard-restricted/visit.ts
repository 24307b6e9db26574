import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { startRestricted, type RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { makeHome, makeVersion } from './makeVersion.ts'

export const keys = { store: randomBytes(32), audit: randomBytes(32), session: randomBytes(32) }

export const quiet = { info: () => {}, error: () => {} }

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly cookie?: string | null
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

let template: Promise<string> | null = null

const made: string[] = []
// Registered before those of the test file, so it runs after them, when every server has stopped.
afterAll(() => made.splice(0).forEach((home) => rmSync(home, { recursive: true, force: true })))

function makeFolder(): string {
  const home = mkdtempSync(join(tmpdir(), 'r-'))
  made.push(home)
  return home
}

/** A deployment with one version of four invented people, in a folder of its own: built once, then copied. */
export async function makeDeployment(): Promise<string> {
  const home = makeFolder()
  cpSync(await (template ??= makeTemplate()), home, { recursive: true })
  return home
}

async function makeTemplate(): Promise<string> {
  const home = makeFolder()
  makeHome(home)
  await makeVersion(home, keys.store, 'version-1')
  return home
}

export function start(home: string, now?: () => number): Promise<RestrictedServer> {
  return startRestricted({ home, keys, host: '127.0.0.1', log: quiet, ...(now ? { now } : {}) })
}

/** One request over the private socket, or to an address (`http://127.0.0.1:…`). */
export function ask(
  target: string,
  path: string,
  { method = 'GET', cookie = null, form, headers = {} }: Asked = {},
): Promise<Answer> {
  const body = form === undefined ? '' : new URLSearchParams(form).toString()
  const sent = {
    host: 'localhost',
    ...(cookie === null ? {} : { cookie }),
    ...(method === 'POST'
      ? {
          origin: 'http://localhost',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(body.length),
        }
      : {}),
    ...headers,
  }
  const where = target.startsWith('http')
    ? { host: new URL(target).hostname, port: new URL(target).port }
    : { socketPath: target }
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method, headers: sent }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString(), headers: answer.headers }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Signs in as one of the made-up users (`dsr-team`, `commissioner` …) and returns the cookie to send from then on. */
export async function signIn(target: string, user: string, cookie: string | null = null): Promise<string> {
  const answer = await ask(target, '/sign-in', {
    method: 'POST',
    cookie,
    form: { user: `development|${user}`, next: '' },
  })
  const [set] = [answer.headers['set-cookie']].flat()
  if (answer.status !== 303 || set === undefined) throw new Error(`sign-in answered ${answer.status}`)
  return set.split(';')[0] ?? ''
}
