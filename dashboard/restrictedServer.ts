import { chmodSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { argv, env, exit, stderr, stdin } from 'node:process'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { describeFailure, DsrError } from '../register/errors.ts'
import { londonDay } from '../register/londonDay.ts'
import { openAppDatabase } from '../store/appDatabase.ts'
import { openAudit, verifyAudit } from '../store/audit.ts'
import { deploymentAt, readSettings, type Deployment } from '../store/deployment.ts'
import type { Keys } from '../store/keys.ts'
import { attachSession } from './access/attachSession.ts'
import { developmentSignInRoutes, refuseDevelopmentSignIn } from './access/developmentSignIn.ts'
import { seedDevelopmentUsers } from './access/developmentUsers.ts'
import { guardRoutes } from './access/guardRoutes.ts'
import type { Restricted } from './access/restricted.ts'
import { openSessions, sessionLimits } from './access/sessions.ts'
import { createApp, limitServer } from './createApp.ts'
import { openVersions } from './identified/openVersions.ts'
import { restrictedRoutes } from './identified/restrictedRoutes.ts'
import { openLog, type Log } from './requestLog.ts'

export interface RestrictedOptions {
  readonly home: string
  readonly keys: Keys<'store' | 'audit' | 'session'>
  /** Address at which the open process is reached: the development sign-in works on loopback only. */
  readonly host: string
  /** Whether people reach it by https. */
  readonly isHttps?: boolean
  /** Used where the version does not say what day it is of; yyyy-mm-dd. */
  readonly asOf?: string
  readonly now?: () => number
  readonly log?: Log
}

export interface RestrictedServer {
  readonly socket: string
  /** Answers what is under way, then closes everything; the socket is gone afterwards. */
  stop(): Promise<void>
}

/** Starts the restricted process's server on the deployment's socket; throws a DsrError that says why it cannot. */
export async function startRestricted(options: RestrictedOptions): Promise<RestrictedServer> {
  const { now = Date.now, log = openLog('restricted'), isHttps = false } = options
  refuseDevelopmentSignIn(env['NODE_ENV'], options.host, isHttps)
  const deployment = deploymentAt(options.home)
  const settings = readSettings(deployment)
  await clearSocket(deployment)
  const audit = openAudit(deployment.auditDatabase, options.keys.audit, () => new Date(now()))
  const versions = await openVersions({
    deployment,
    storeKey: options.keys.store,
    asOf: options.asOf ?? londonDay(now()),
    onFailure: (error) =>
      log.error({ event: 'version_not_opened', kind: error instanceof DsrError ? error.kind : 'bug' }),
  }).catch((error: unknown) => {
    audit.close()
    throw error
  })
  const app = openAppDatabase(deployment.appDatabase)
  await seedDevelopmentUsers(app, settings.icbs, now())
  const restricted: Restricted = {
    app,
    sessions: openSessions(app, options.keys.session, now, sessionLimits),
    audit,
    verifyAudit: () => verifyAudit(deployment.auditDatabase, options.keys.audit),
    versions,
    isHttps,
    now,
  }
  const server = createServer(
    { maxHeaderSize: 16_384 },
    createApp('restricted', {
      routes: [...developmentSignInRoutes(restricted), ...restrictedRoutes(restricted, settings.icbs)],
      site: () => ({ name: settings.name, madeUp: settings.made_up }),
      before: [attachSession(restricted)],
      guard: guardRoutes(restricted),
      log,
    }),
  )
  await listen(limitServer(server), deployment)
  return {
    socket: deployment.socket,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 10_000).unref()
      })
      versions.close()
      audit.close()
      await app.destroy()
      rmSync(deployment.socket, { force: true })
    },
  }
}

/** A socket file that nobody listens on is left from a process that was killed; one that answers is not ours to take. */
async function clearSocket({ socket, home }: Deployment): Promise<void> {
  const isTaken = await new Promise<boolean>((resolve) => {
    const asked = request({ socketPath: socket, path: '/session', timeout: 1000 }, (answer) => {
      answer.resume()
      resolve(true)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED'),
    )
    asked.end()
  })
  if (isTaken) {
    throw new DsrError(
      'locked',
      `Another process already serves ${home}.`,
      'Stop it first, or open the address it printed.',
    )
  }
  rmSync(socket, { force: true })
}

/** Only the owner may connect: whoever can reach the socket is asked for a session, but nobody else should get that far. */
async function listen(server: Server, { socket, home }: Deployment): Promise<void> {
  const mask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socket, resolve)
    })
  } catch {
    throw new DsrError(
      'input',
      `The private socket ${socket} cannot be made.`,
      `Use a folder with a shorter path than ${home}, on a local disk.`,
    )
  } finally {
    process.umask(mask)
  }
  chmodSync(socket, 0o600)
}

const key = z.string().transform((text) => Buffer.from(text, 'base64'))
const lineSchema = z.strictObject({
  home: z.string(),
  asOf: z.string().optional(),
  keys: z.strictObject({ store: key, audit: key, session: key }),
  host: z.string(),
  port: z.int().optional(),
  isHttps: z.boolean().optional(),
})

/**
 * Main of the process. Its one line of standard input is JSON { home, asOf?, keys: { store, audit, session } in base64,
 * host, port?, isHttps? } (without isHttps: DSR_HTTPS=yes in the environment): keys reach it neither by its arguments nor by its environment, which other processes may read.
 * Prints `ready` on standard error once it listens; exit codes as everywhere (register/errors.ts).
 */
async function main(): Promise<void> {
  process.umask(0o077)
  const options = parseLine(await firstLine())
  const server = await startRestricted(options)
  stderr.write('restricted: ready\n')
  const stop = (): void => void server.stop().then(() => exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  stopWithParent(stop)
}

/** A parent that was killed leaves its children behind; this one would keep the socket from the next start. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 1000)
  watch.unref()
}

function parseLine(line: string): RestrictedOptions {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    parsed = null
  }
  const result = lineSchema.safeParse(parsed)
  if (!result.success) {
    throw new DsrError(
      'keyMissing',
      'The restricted process was given no keys.',
      'Start it with dsr serve, which hands them over.',
    )
  }
  const { home, asOf, keys, host, isHttps = env['DSR_HTTPS'] === 'yes' } = result.data
  for (const [name, value] of Object.entries(keys)) {
    if (value.length !== 32)
      throw new DsrError('keyWrong', `The ${name} key is not 32 bytes.`, 'Put back the key of this deployment.')
  }
  return { home, keys, host, isHttps, ...(asOf === undefined ? {} : { asOf }) }
}

async function firstLine(): Promise<string> {
  let text = ''
  for await (const part of stdin) {
    text += String(part)
    if (text.includes('\n')) break
  }
  return text.split('\n')[0] ?? ''
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  main().catch((error: unknown) => {
    const { exitCode, text } = describeFailure(error)
    stderr.write(`${text}\n`)
    exit(exitCode)
  })
}
