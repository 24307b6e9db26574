import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openVersions, Unavailable, type Versions } from '../../dashboard/identified/openVersions.ts'
import { startRestricted, type RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { DsrError, exitCodes, type FailureKind } from '../../register/errors.ts'
import { deploymentAt, versionFiles } from '../../store/deployment.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { currentVersion, swingPointer } from '../../store/versions.ts'
import { makeHome, makeVersion, people } from './makeVersion.ts'
import { ask, keys, makeDeployment, quiet, signIn, start } from './visit.ts'

const open: { stop?: () => Promise<void>; close?: () => void }[] = []

afterEach(async () => {
  for (const thing of open.splice(0)) {
    await thing.stop?.()
    thing.close?.()
  }
})

async function started(home: string, now?: () => number): Promise<RestrictedServer> {
  const server = await start(home, now)
  open.push(server)
  return server
}

async function versionsOf(home: string, limits: object = {}): Promise<Versions> {
  const options = { deployment: deploymentAt(home), storeKey: keys.store, asOf: '2026-10-31', onFailure: () => {} }
  const versions = await openVersions({ ...options, ...limits })
  open.push(versions)
  return versions
}

test('the socket is for its owner only, and gone when the server stops', async () => {
  const server = await start(await makeDeployment())
  const stat = lstatSync(server.socket)
  expect([stat.isSocket(), stat.mode & 0o777]).toEqual([true, 0o600])
  await server.stop()
  expect(existsSync(server.socket)).toBe(false)
})

test('a socket left by a killed process is replaced, one in use is not', async () => {
  const home = await makeDeployment()
  const { socket } = deploymentAt(home)
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, socket])
  expect(lstatSync(socket).isSocket()).toBe(true)
  await started(home)
  expect(await failureOf(start(home))).toBe('locked')
})

test.each([
  ['a wrong store key', { store: randomBytes(32) }, 'keyWrong'],
  ['a wrong audit key', { audit: randomBytes(32) }, 'keyWrong'],
] as const)('%s stops the start with its own exit code', async (_name, wrong, kind) => {
  const home = await makeDeployment()
  await (await start(home)).stop()
  expect(await failureOf(startRestricted({ home, keys: { ...keys, ...wrong }, host: '127.0.0.1', log: quiet }))).toBe(
    kind,
  )
  expect(exitCodes[kind]).toBe(5)
})

test('a damaged register stops the start as damage', async () => {
  const home = await makeDeployment()
  writeFileSync(versionFiles(currentVersion(deploymentAt(home)) ?? '').register, 'not a database')
  expect(await failureOf(start(home))).toBe('corrupt')
})

test('an address that others can reach stops the start', async () => {
  const home = await makeDeployment()
  expect(await failureOf(startRestricted({ home, keys, host: '0.0.0.0', log: quiet }))).toBe('input')
})

test('before the first run people can sign in and are told to come back', async () => {
  const home = join(await makeDeployment(), 'empty')
  makeHome(home)
  const server = await started(home)
  const cookie = await signIn(server.socket, 'dsr-team')
  expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(503)
})

test('a sign-in gives a new id and ends the old one, whatever id came with it', async () => {
  const server = await started(await makeDeployment())
  const chosen = `dsr.sid=${'a'.repeat(43)}`
  const first = await signIn(server.socket, 'dsr-team', chosen)
  expect(first).not.toBe(chosen)
  const second = await signIn(server.socket, 'tc-lead', first)
  expect((await ask(server.socket, '/worklist', { cookie: first })).status).toBe(303)
  expect((await ask(server.socket, '/worklist', { cookie: chosen })).status).toBe(303)
  expect((await ask(server.socket, '/exact/overview', { cookie: second })).status).toBe(200)
})

test('a session that is too old leads to the sign-in', async () => {
  let now = Date.parse('2026-10-31T09:00:00Z')
  const server = await started(await makeDeployment(), () => now)
  const cookie = await signIn(server.socket, 'dsr-team')
  now += 14 * 60_000
  expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(200)
  now += 15 * 60_000
  expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(303)
})

test('asking who is there does not keep a session alive', async () => {
  let now = Date.parse('2026-10-31T09:00:00Z')
  const server = await started(await makeDeployment(), () => now)
  const cookie = await signIn(server.socket, 'dsr-team')
  now += 14 * 60_000
  expect(JSON.parse((await ask(server.socket, '/session', { cookie })).body)).toEqual({
    visitor: { name: 'Dana Whitlock', role: 'dsr_team', places: ['QF7', 'QOQ'], roleLabel: 'DSR team' },
  })
  now += 60_000
  expect(JSON.parse((await ask(server.socket, '/session', { cookie })).body)).toEqual({ visitor: null })
})

test('signing out takes the form of our own page and ends the session on the server', async () => {
  const server = await started(await makeDeployment())
  const cookie = await signIn(server.socket, 'dsr-team')
  const form = await ask(server.socket, '/sign-out', { cookie })
  const token = /name="token" value="([^"]+)"/.exec(form.body)?.[1] ?? ''
  const strange = { origin: 'http://elsewhere.test', 'sec-fetch-site': 'cross-site' }
  const post = { method: 'POST', cookie } as const
  expect((await ask(server.socket, '/sign-out', { ...post, form: { token: 'x' } })).status).toBe(404)
  expect((await ask(server.socket, '/sign-out', { ...post, form: { token }, headers: strange })).status).toBe(404)
  expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(200)
  const done = await ask(server.socket, '/sign-out', { ...post, form: { token } })
  expect([done.status, done.headers['clear-site-data']]).toEqual([303, '"cache", "storage"'])
  expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(303)
})

test('a stranger’s page cannot sign anyone in, and nobody unknown gets in', async () => {
  const server = await started(await makeDeployment())
  const form = { user: 'development|dsr-team', next: '' }
  const strange = { origin: 'http://elsewhere.test', 'sec-fetch-site': 'cross-site' }
  expect((await ask(server.socket, '/sign-in', { method: 'POST', form, headers: strange })).status).toBe(404)
  const unknown = await ask(server.socket, '/sign-in', { method: 'POST', form: { user: 'development|root' } })
  expect([unknown.status, unknown.headers['set-cookie'], unknown.headers['location']]).toEqual([
    303,
    undefined,
    '/sign-in',
  ])
})

test('a stranger’s name that leads to this machine cannot sign anyone in, though its page has the same origin', async () => {
  const server = await started(await makeDeployment())
  const form = { user: 'development|dsr-team', next: '' }
  const rebound = { host: 'evil.test:4600', origin: 'http://evil.test:4600', 'sec-fetch-site': 'same-origin' }
  const answer = await ask(server.socket, '/sign-in', { method: 'POST', form, headers: rebound })
  expect([answer.status, answer.headers['set-cookie']]).toEqual([404, undefined])
})

test('headers that claim an identity change nothing', async () => {
  const server = await started(await makeDeployment())
  const headers = {
    'x-user': 'development|dsr-team',
    'x-role': 'dsr_team',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
  }
  expect((await ask(server.socket, '/worklist', { headers })).status).toBe(303)
})

test('a TC lead’s exact pages and files hold the numbers of their own place only', async () => {
  const server = await started(await makeDeployment())
  const cookie = await signIn(server.socket, 'tc-lead')
  for (const path of [
    'overview',
    'reviews',
    'themes',
    'gaps',
    'files/people_by_rating_month.csv',
    'files/gaps_by_family_reason.csv',
  ]) {
    const { status, body } = await ask(server.socket, `/exact/${path}`, { cookie })
    expect([path, status]).toEqual([path, 200])
    expect([path, body.includes('3012') || body.includes('3,012')]).toEqual([path, true])
    // Ends in 2 for QOQ; 1 is the whole register, 3 to 5 are the other ICBs.
    expect([path, /[34],?01[1345]/.test(body)]).toEqual([path, false])
  }
  for (const place of ['QF7', 'QHM', 'all']) {
    expect((await ask(server.socket, `/exact/overview?place=${place}`, { cookie })).status).toBe(400)
  }
})

test('the database is open read-only and locked: no writing, no files, no settings', async () => {
  const versions = await versionsOf(await makeDeployment())
  for (const sql of [
    `insert into register.main.persons values ('x', 'x', 'x', 'x', 'x', null)`,
    'delete from warehouse.marts.mart_worklist',
    'create table warehouse.marts.own (a integer)',
    `select * from read_text('/etc/passwd')`,
    `copy (select 1) to '/tmp/never-written.csv'`,
    `attach '/tmp/never-attached.duckdb' as other`,
    'install httpfs',
    'load httpfs',
    `set memory_limit = '9GB'`,
    'set enable_external_access = true',
    'set lock_configuration = false',
    'select 1; delete from warehouse.marts.mart_worklist',
  ]) {
    const answer = await versions.read((data) => data.rows(sql)).catch((error: unknown) => String(error))
    expect([sql, answer]).toEqual([sql, 'Error: A query failed.'])
  }
  // A setting that httpfs brings with it: the extension is not there.
  expect(
    await versions.read((data) => data.rows(`select name from duckdb_settings() where name = 's3_region'`)),
  ).toEqual([])
  const [optimizers] = await versions.read((data) => data.rows(`select current_setting('disabled_optimizers') as off`))
  expect(optimizers?.['off']).toBe('top_n_window_elimination')
})

test('what DuckDB says of a fault, which may quote data, goes nowhere', async () => {
  const versions = await versionsOf(await makeDeployment())
  const failure = await versions
    .read((data) => data.rows('select nhs_number::date from register.main.persons'))
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('999000')
})

test('a query that takes too long is stopped, and the next one is served', async () => {
  const versions = await versionsOf(await makeDeployment(), { milliseconds: 300 })
  const began = Date.now()
  await expect(
    versions.read((data) => data.rows('select sum(hash(a.range)) from range(10000000000) as a')),
  ).rejects.toThrow(Unavailable)
  expect(Date.now() - began).toBeLessThan(3000)
  expect(await versions.read((data) => data.rows('select 1::integer as one'))).toEqual([{ one: 1 }])
})

test('an answer of too many rows, and a queue that is too long, are refused', async () => {
  const versions = await versionsOf(await makeDeployment(), { rowLimit: 100, atOnce: 1, waiting: 1 })
  await expect(versions.read((data) => data.rows('select * from range(1000000)'))).rejects.toThrow(Unavailable)
  const slow = () => versions.read((data) => data.rows('select sum(hash(range))::varchar as n from range(20000000)'))
  const [one, two, three] = await Promise.allSettled([slow(), slow(), slow()])
  expect([one?.status, two?.status, three?.status]).toEqual(['fulfilled', 'fulfilled', 'rejected'])
})

test('a new version is served from the next request on, and a request keeps the one it began with', async () => {
  const home = await makeDeployment()
  const server = await started(home)
  const cookie = await signIn(server.socket, 'dsr-team')
  const path = `/cases/${people.ada.ref}`
  expect((await ask(server.socket, path, { cookie })).body).toContain('Makaton and photographs')
  const versions = await versionsOf(home)
  await versions.read(async (data) => {
    await makeVersion(home, keys.store, 'version-2', 'Signs of her own')
    rmSync(join(deploymentAt(home).versions, 'version-1'), { recursive: true })
    expect((await ask(server.socket, path, { cookie })).body).toContain('Signs of her own')
    expect(await versions.read(async (other) => other.id)).toBe('version-2')
    expect([data.id, (await data.rows('select count(*)::integer as n from register.main.persons'))[0]]).toEqual([
      'version-1',
      { n: 4 },
    ])
  })
})

test('no request fails while versions swing', async () => {
  const home = await makeDeployment()
  await makeVersion(home, keys.store, 'version-2')
  const versions = await versionsOf(home)
  let isOver = false
  const seen = new Set<string>()
  const readers = Array.from({ length: 6 }, async () => {
    while (!isOver) {
      await versions.read(async (data) => {
        const [row] = await data.rows('select count(*)::integer as n from warehouse.marts.mart_worklist')
        expect(row).toEqual({ n: 4 })
        seen.add(data.id)
      })
    }
  })
  for (let swing = 0; swing < 20; swing++) {
    swingPointer(deploymentAt(home).currentPointer, swing % 2 === 0 ? 'version-1' : 'version-2')
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  isOver = true
  await Promise.all(readers)
  expect([...seen].sort()).toEqual(['version-1', 'version-2'])
})

test('a new version that is damaged is told of, and the one before is served on', async () => {
  const home = await makeDeployment()
  const failures: unknown[] = []
  const versions = await versionsOf(home, { onFailure: (error: unknown) => failures.push(error) })
  await makeVersion(home, keys.store, 'version-2')
  writeFileSync(versionFiles(join(deploymentAt(home).versions, 'version-2')).register, 'not a database')
  expect(await versions.read(async (data) => data.id)).toBe('version-1')
  expect(await versions.read(async (data) => data.id)).toBe('version-1')
  expect(failures.map((failure) => (failure instanceof DsrError ? failure.kind : 'other'))).toEqual(['corrupt'])
})

test('the register file cannot be read without its key', async () => {
  const home = await makeDeployment()
  const path = versionFiles(currentVersion(deploymentAt(home)) ?? '').register
  expect(await failureOf(openDuckDB({ attach: [{ path, alias: 'register', readOnly: true }] }))).toBe('corrupt')
})

test('nothing but the databases, their logs and the socket is left in the store', async () => {
  const home = await makeDeployment()
  const server = await started(home)
  const cookie = await signIn(server.socket, 'dsr-team')
  await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })
  const left = readdirSync(deploymentAt(home).store).filter((name) => !/^(app|audit)\.db(-wal|-shm)?$/.test(name))
  expect(left.sort()).toEqual(['current', 'releases', 'restricted.sock', 'versions'])
})

async function failureOf(work: Promise<unknown>): Promise<FailureKind | 'other' | null> {
  try {
    await work
    return null
  } catch (error) {
    return error instanceof DsrError ? error.kind : 'other'
  }
}

test('the DSR team sees where the agency’s code of a theme and what its note says differ', async () => {
  const { socket } = await started(await makeDeployment())
  const { body } = await ask(socket, '/quality', { cookie: await signIn(socket, 'dsr-team') })
  const words = body.replaceAll(/<[^>]*>|\s+/g, ' ').replaceAll(/ +/g, ' ')
  expect(words).toMatch(
    /Theme Both Only coded by the agency Only found in the note .*?Harm to others \/ aggression 0 2 0/,
  )
})
