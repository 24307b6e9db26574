import { execFile, execFileSync, spawn, type StdioOptions } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findServer, freePort, untilReady } from './findServer.ts'

/** A real PostgreSQL server of this test's own: its data in a temporary folder, on loopback, with passwords. */
export interface PostgresServer {
  readonly port: number
  /** Runs SQL as the owner of the database `agency`. */
  sql(text: string): string
  /** The same, while the test goes on. */
  sqlBeside(text: string): Promise<void>
  /** libpq keywords of a role. */
  connection(role: string, password: string): string
  stop(): Promise<void>
}

const ownerPassword = 'made-up-owner'

export async function startPostgres(): Promise<PostgresServer> {
  const programs = dirname(findServer('postgres'))
  const folder = mkdtempSync(join(tmpdir(), 'dsr-postgres-'))
  const port = await freePort()
  const user = unprivileged()
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, ownerPassword, { mode: 0o600 })
  if (user.uid !== undefined) {
    chmodSync(folder, 0o700)
    for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid ?? user.uid)
  }
  const data = join(folder, 'data')
  const options = {
    ...user,
    cwd: folder,
    stdio: 'ignore' as StdioOptions,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  }
  const kind = ['-D', data, '-U', 'owner', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-sync']
  execFileSync(join(programs, 'initdb'), kind, options)
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off']
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings], options)
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const connection = (role: string, password: string, database = 'agency'): string =>
    `host=127.0.0.1 port=${port} dbname=${database} user=${role} password=${password}`
  const sqlIn = (database: string, text: string): string =>
    execFileSync(
      join(programs, 'psql'),
      ['-qtA', '-v', 'ON_ERROR_STOP=1', '-d', connection('owner', ownerPassword, database)],
      {
        input: text,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    ).trim()
  try {
    await untilReady(() => void sqlIn('postgres', 'select 1'))
    sqlIn('postgres', 'create database agency')
  } catch (error) {
    server.kill('SIGINT')
    throw error
  }
  return {
    port,
    sql: (text) => sqlIn('agency', text),
    async sqlBeside(text) {
      const given = ['-q', '-v', 'ON_ERROR_STOP=1', '-d', connection('owner', ownerPassword), '-c', text]
      await promisify(execFile)(join(programs, 'psql'), given)
    },
    connection,
    async stop() {
      server.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root: then somebody else runs it. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
