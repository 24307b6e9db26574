import { createServer } from 'node:http'
import { env } from 'node:process'
import { pathToFileURL } from 'node:url'
import { describeFailure, DsrError } from '../register/errors.ts'
import { deploymentAt, type Deployment } from '../store/deployment.ts'
import { createApp, limitServer } from './createApp.ts'
import { pageRoutes } from './figurePages.ts'
import { fileRoutes } from './fileRoutes.ts'
import { healthRoutes } from './healthRoutes.ts'
import { lookUpVisitor, passThrough } from './passThrough.ts'
import { homeRoute } from './pages/home/route.ts'
import { methodRoute } from './pages/method/route.ts'
import { followReleases } from './releaseFigures.ts'
import { openLog, type Log } from './requestLog.ts'

export interface OpenOptions {
  readonly deployment: Deployment
  readonly host?: string
  /** 0 takes any free port. */
  readonly port?: number
  /** Whether people reach it by https, through a proxy that ends TLS. */
  readonly isHttps?: boolean
  readonly log?: Log
}

export interface OpenServer {
  readonly url: string
  /** Answers what is under way, then closes. */
  stop(): Promise<void>
}

/**
 * Starts the open process's server: published figures from memory, the assets, and a door to the restricted process. It
 * holds no key and opens no database. Throws a DsrError when it would speak plain HTTP to more than this machine
 * (security.md WB-08), or when the address is taken.
 */
export async function startOpen(options: OpenOptions): Promise<OpenServer> {
  const { deployment, host = '127.0.0.1', port = 4600, isHttps = false, log = openLog('open') } = options
  if (!isHttps && !isLoopback(host)) {
    throw new DsrError(
      'input',
      `The dashboard does not speak plain HTTP on ${host}, which other machines can reach.`,
      'Leave --host out, or put a proxy with TLS in front and set DSR_HTTPS=yes.',
    )
  }
  const releases = followReleases(deployment, (error) =>
    log.error({ event: 'release_not_opened', kind: error instanceof DsrError ? error.kind : 'bug' }),
  )
  releases.current()
  const app = createApp('open', {
    routes: [
      homeRoute(releases),
      ...pageRoutes({ current: () => releases.current()?.figures ?? null }, 'open'),
      methodRoute(releases),
      ...fileRoutes(releases),
      ...healthRoutes(releases),
    ],
    site: () => {
      const { name = 'Dynamic Support Register', madeUp = false } = releases.current()?.description ?? {}
      return { name, madeUp }
    },
    before: [passThrough(deployment.socket), lookUpVisitor(deployment.socket, isHttps)],
    log,
  })
  const server = limitServer(createServer({ maxHeaderSize: 16_384 }, app))
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(
        new DsrError(
          'input',
          `The address ${host}:${port} cannot be used.`,
          'Another program may have it: choose a free port with --port.',
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 10_000).unref()
      }),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Main of the process. Environment: DSR_HOME (the deployment), HOST, PORT, DSR_HTTPS=yes. Prints `open: ready <address>`
 * on standard error once it listens.
 */
async function main(): Promise<void> {
  process.umask(0o077)
  const home = env['DSR_HOME']
  if (!home) throw new DsrError('input', 'DSR_HOME is not set.', 'Start the dashboard with: dsr serve')
  const port = Number(env['PORT'] ?? 4600)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new DsrError('input', 'PORT is not a port.', 'Use a number from 1 to 65535.')
  const server = await startOpen({
    deployment: deploymentAt(home),
    port,
    isHttps: env['DSR_HTTPS'] === 'yes',
    ...(env['HOST'] ? { host: env['HOST'] } : {}),
  })
  process.stderr.write(`open: ready ${server.url}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void server.stop().then(() => process.exit(0)))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    const { exitCode, text } = describeFailure(error)
    process.stderr.write(`${text}\n`)
    process.exit(exitCode)
  })
}
