import { spawn, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { keyNames, readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { guardRelease, guardWarehouse } from '../../pseudonymise/guard.ts'
import { checkSettings } from '../../register/settings.ts'
import type { Step } from '../../store/step.ts'
import { copyDeployment, servedDemo } from './dsr.ts'

// design.md 2, promise 1: three zones, one door between each. Each test tries to break one of them from outside.

let deployment: Deployment
let serving: ChildProcess
let output = ''
let address: string

const publishedPaths = ['/', '/overview', '/reviews', '/themes', '/gaps', '/method']

beforeAll(async () => {
  deployment = await servedDemo(120)
  const port = 40_000 + (process.pid % 20_000)
  address = `http://127.0.0.1:${port}`
  serving = spawn(process.execPath, [
    join(projectRoot, 'dist/pipeline/dsr.js'),
    'serve',
    '--home',
    deployment.home,
    '--port',
    String(port),
  ])
  for (const stream of [serving.stdout, serving.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await waitFor(() => output.includes('The dashboard is open') && output.includes('restricted: ready'))
})

afterAll(() => {
  serving.kill('SIGTERM')
})

async function waitFor(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await isTrue()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`waited in vain: ${output}`)
}

/** The process of one half of the dashboard, by its program. */
function processOf(program: string): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      const command = readQuietly(`/proc/${pid}/cmdline`)
      return command.includes(program) && readQuietly(`/proc/${pid}/status`).includes(`PPid:\t${serving.pid}`)
    })
  return Number(found)
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
    } catch {
      return []
    }
  })
}

const statusOf = async (path: string): Promise<number> => (await fetch(address + path, { redirect: 'manual' })).status

describe('the identified zone', () => {
  test('landing and register open with the store key, and with no other key or none', async () => {
    const { register } = versionFiles(currentVersion(deployment) ?? '')
    const key = readKey(deployment, 'store')
    for (const path of [deployment.landing, register]) {
      const open = await openDuckDB({ attach: [{ path, alias: 'file', key, readOnly: true }] })
      const reader = await open.connection.runAndReadAll(
        `select encrypted, cipher from duckdb_databases() where database_name = 'file'`,
      )
      expect(reader.getRowObjects()).toEqual([{ encrypted: true, cipher: 'GCM' }])
      open.close()
      const other = readKey(deployment, 'pseudonym')
      await expect(openDuckDB({ attach: [{ path, alias: 'file', key: other, readOnly: true }] })).rejects.toMatchObject(
        { kind: 'keyWrong' },
      )
      await expect(openDuckDB({ attach: [{ path, alias: 'file', readOnly: true }] })).rejects.toMatchObject({
        kind: 'corrupt',
      })
    }
  })

  test('a plain file in the place of an encrypted one is refused', async () => {
    const { warehouse } = versionFiles(currentVersion(deployment) ?? '')
    const key = readKey(deployment, 'store')
    await expect(
      openDuckDB({ attach: [{ path: warehouse, alias: 'file', key, readOnly: true }] }),
    ).rejects.toMatchObject({ kind: 'corrupt' })
  })

  test('no key is in the arguments or the environment of any process of the dashboard', () => {
    const secrets = keyNames.map((name) => readKey(deployment, name).toString('base64'))
    for (const pid of [serving.pid ?? 0, processOf('openServer.js'), processOf('restrictedServer.js')]) {
      const told = readQuietly(`/proc/${pid}/cmdline`) + readQuietly(`/proc/${pid}/environ`)
      expect(told.length).toBeGreaterThan(0)
      expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    }
  })
})

describe('the open process', () => {
  test('has no file of the deployment open', () => {
    const files = openFilesOf(processOf('openServer.js'))
    expect(files.length).toBeGreaterThan(2)
    expect(files.filter((file) => file.startsWith(deployment.home))).toEqual([])
  })

  test('serves every published page where there is nothing but the release', async () => {
    const bare = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-bare-')))
    mkdirSync(bare.releases, { recursive: true })
    cpSync(deployment.releases, bare.releases, { recursive: true })
    cpSync(deployment.releasedPointer, bare.releasedPointer)
    const port = 21_000 + (process.pid % 10_000)
    const open = spawn(process.execPath, [join(projectRoot, 'dist/dashboard/openServer.js')], {
      env: { PATH: process.env['PATH'], DSR_HOME: bare.home, PORT: String(port) },
    })
    try {
      const at = `http://127.0.0.1:${port}`
      await waitFor(() =>
        fetch(`${at}/health/live`).then(
          (response) => response.ok,
          () => false,
        ),
      )
      for (const path of publishedPaths) expect([path, (await fetch(at + path)).status]).toEqual([path, 200])
      for (const path of ['/worklist', '/cases/aaaaaaaaaaaa', '/exact/overview'])
        expect([path, (await fetch(at + path)).status]).toEqual([path, 503])
    } finally {
      open.kill('SIGTERM')
    }
  })
})

describe('the restricted process', () => {
  test('answers on a socket that only its owner may use, and listens to no network', () => {
    expect(statSync(deployment.socket).mode & 0o777).toBe(0o600)
    const sockets = openFilesOf(processOf('restrictedServer.js')).flatMap(
      (file) => /^socket:\[(\d+)\]$/.exec(file)?.[1] ?? [],
    )
    const network = ['tcp', 'tcp6', 'udp', 'udp6'].map((kind) => readQuietly(`/proc/net/${kind}`)).join('\n')
    expect(sockets.length).toBeGreaterThan(0)
    expect(sockets.filter((inode) => new RegExp(`\\s${inode}\\s`).test(network))).toEqual([])
  })

  test('killed, it takes only its own pages down, and comes back by itself', async () => {
    process.kill(processOf('restrictedServer.js'), 'SIGKILL')
    await waitFor(async () => (await statusOf('/worklist')) === 503)
    for (const path of publishedPaths) expect([path, await statusOf(path)]).toEqual([path, 200])
    await waitFor(async () => (await statusOf('/worklist')) === 303)
  })
})

describe('the guards between the zones', () => {
  function stepOf(copy: Deployment): Step<'store'> {
    return {
      deployment: copy,
      settings: checkSettings(
        {
          icbs: ['QOQ', 'QF7', 'QWO', 'QHM'],
          made_up: true,
          as_of: '2026-11-01',
          name: 'Dynamic Support Register of the demo (made-up people)',
          extracts_after_landing: 'keep',
        },
        'dsr.yml',
      ),
      asOf: '2026-11-01',
      keys: { store: readKey(copy, 'store') },
      versionFolder: currentVersion(copy) ?? '',
      report: () => undefined,
    }
  }

  async function plant(copy: Deployment, sql: string): Promise<void> {
    const { warehouse } = versionFiles(currentVersion(copy) ?? '')
    const database = await openDuckDB({ attach: [{ path: warehouse, alias: 'warehouse' }] })
    await database.connection.run(sql)
    database.close()
  }

  test('the untouched zones pass', async () => {
    const step = stepOf(deployment)
    await guardWarehouse(step)
    await guardRelease(step, currentRelease(deployment) ?? '')
  })

  test('a name in the pseudonymised rows, in a mart or in a published model stops the run', async () => {
    for (const sql of [
      `update warehouse.register.ratings set rating = 'Quillonbeck' where row_id = (select min(row_id) from warehouse.register.ratings)`,
      `update warehouse.marts.mart_timeline set detail = 'Quillonbeck' where rowid = 1`,
      `update warehouse.published.pub_themes_by_month set place = 'Quillonbeck' where rowid = 1`,
    ]) {
      const copy = copyDeployment(deployment)
      await plant(copy, sql)
      await expect(guardWarehouse(stepOf(copy))).rejects.toMatchObject({ kind: 'leak' })
      rmSync(copy.home, { recursive: true })
    }
  })

  test('an NHS number in a file of the release stops the run', async () => {
    const copy = copyDeployment(deployment)
    const truth = JSON.parse(readFileSync(join(copy.home, 'truth.json'), 'utf8')) as {
      lists: { overdue: { nhs_number: string }[] }
    }
    const release = currentRelease(copy) ?? ''
    writeFileSync(
      join(release, 'release.json'),
      `${readFileSync(join(release, 'release.json'), 'utf8')}\n"${truth.lists.overdue[0]?.nhs_number}"`,
    )
    await expect(guardRelease(stepOf(copy), release)).rejects.toMatchObject({ kind: 'leak' })
  })
})
