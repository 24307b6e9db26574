import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { madeUpUsers } from '../dashboard/access/developmentUsers.ts'
import { projectRoot } from '../register/projectRoot.ts'
import { readSettings, type Deployment } from '../store/deployment.ts'
import { readKey, type KeyName } from '../store/keys.ts'
import { currentRelease } from '../store/versions.ts'
import { print } from './verb.ts'

/** Keys of the restricted process; the open one gets none (security.md KE-07). */
const restrictedKeys: readonly KeyName[] = ['store', 'audit', 'session']

/**
 * Runs both halves of the dashboard until it is told to stop. The restricted half is started again when it dies;
 * published pages go on meanwhile. Ends with the exit code of the open half.
 */
export async function serveDashboard(deployment: Deployment, host: string, port: number): Promise<void> {
  const { icbs } = readSettings(deployment)
  const keys = Object.fromEntries(restrictedKeys.map((name) => [name, readKey(deployment, name).toString('base64')]))
  let restricted: ChildProcess
  let isStopping = false

  const startRestricted = (): void => {
    const startedAt = Date.now()
    restricted = start('restrictedServer.js', {})
    restricted.stderr?.pipe(process.stderr)
    restricted.stdin?.end(`${JSON.stringify({ home: deployment.home, host, port, keys })}\n`)
    restricted.once('exit', (code) => {
      if (isStopping) return
      print(`The restricted process ended (code ${code ?? 'none'}) and is started again.`)
      setTimeout(startRestricted, Date.now() - startedAt > 5000 ? 200 : 2000).unref()
    })
  }

  startRestricted()
  const open = start('openServer.js', { DSR_HOME: deployment.home, HOST: host, PORT: String(port) })
  announce(open, icbs, currentRelease(deployment) !== null)
  const stop = (): void => {
    isStopping = true
    open.kill('SIGTERM')
    restricted.kill('SIGTERM')
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  await new Promise<void>((resolve) => open.once('exit', () => resolve()))
  stop()
  if (open.exitCode) process.exitCode = open.exitCode
}

function start(program: string, environment: Readonly<Record<string, string>>): ChildProcess {
  const { PATH, HOME, LANG, NODE_ENV, DSR_HTTPS } = process.env
  return spawn(process.execPath, [join(projectRoot, 'dist/dashboard', program)], {
    env: { PATH, HOME, LANG, NODE_ENV, DSR_HTTPS, TZ: 'Europe/London', ...environment },
    stdio: ['pipe', 'inherit', 'pipe'],
  })
}

/** Passes the open half's messages on, and says where the dashboard is once it listens. */
function announce(open: ChildProcess, icbs: readonly string[], isReleased: boolean): void {
  if (!open.stderr) return
  createInterface({ input: open.stderr }).on('line', (line) => {
    const [, address] = /^open: ready (\S+)$/.exec(line) ?? []
    if (!address) return void process.stderr.write(`${line}\n`)
    print(`\nThe dashboard is open at ${address}`)
    print(`Sign in at ${address}/sign-in as one of these made-up users:`)
    for (const { name, role, places } of madeUpUsers(icbs))
      print(`  ${role.padEnd(14)} ${name.padEnd(18)} ${places.join(', ') || 'no places'}`)
    if (!isReleased) print('Nothing has been released so far, and the pages say so: run dsr check, then dsr run.')
    print('Stop it with Ctrl-C.')
  })
}
