import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { spawnStep } from '../../pipeline/spawnStep.ts'
import { steps, type StepOrder } from '../../pipeline/steps.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { keyNames, makeKeys, readKey } from '../../store/keys.ts'
import { runDbt } from '../../transform/runDbt.ts'

// What each child process of a run is given (design.md 4, security.md KE-07): nothing of it is started here.

interface Started {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdio: readonly string[]
}

const started: Started[] = []
const sent: StepOrder[] = []

vi.mock('node:child_process', async (original) => ({
  ...(await original<typeof import('node:child_process')>()),
  fork: (_program: string, ...rest: unknown[]) => {
    const args = Array.isArray(rest[0]) ? (rest[0] as string[]) : []
    started.push({ args, ...(rest.at(-1) as Omit<Started, 'args'>) })
    return Object.assign(new EventEmitter(), {
      send(this: EventEmitter, order: StepOrder) {
        sent.push(order)
        setImmediate(() => {
          this.emit('message', { kind: 'done', result: null })
          this.emit('exit', 0, null)
        })
      },
    })
  },
  spawn: (program: string, args: readonly string[], options: Omit<Started, 'args'>) => {
    started.push({ args: [program, ...args], env: options.env, stdio: options.stdio })
    const child = Object.assign(new EventEmitter(), { stdout: Readable.from([]) })
    setImmediate(() => child.emit('close', 0))
    return child
  },
}))

let deployment: Deployment

beforeAll(() => {
  deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-processes-')))
  mkdirSync(deployment.work, { recursive: true })
  makeKeys(deployment)
  process.env['DSR_CANARY'] = 'wexcombe'
})

beforeEach(() => {
  started.splice(0)
  sent.splice(0)
})

/** The keys of each step; a step that is not here has none. A line here is a decision. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  ingest: ['store'],
  pseudonymise: ['store', 'pseudonym'],
  'guard-warehouse': ['store'],
  receipts: ['store'],
  publish: ['manifest'],
  extract: ['store', 'pseudonym'],
  'guard-release': ['store'],
}

test.each(Object.keys(steps) as (keyof typeof steps)[])(
  'the process of %s gets its own keys over the channel and nothing else',
  async (name) => {
    await spawnStep(name, { deployment, asOf: '2026-11-01', versionFolder: '', releaseFolder: '' }, () => undefined)
    const [child] = started
    expect(Object.keys(sent[0]?.keys ?? {})).toEqual(keysOf[name] ?? [])
    expect(child?.args).toEqual([])
    expect(Object.keys(child?.env ?? {}).sort()).toEqual(['HOME', 'LANG', 'PATH', 'TZ'])
    const others = keyNames.filter((key) => !(keysOf[name] ?? []).includes(key))
    const told = JSON.stringify([sent, started])
    for (const key of others) expect(told).not.toContain(readKey(deployment, key).toString('base64'))
  },
)

test('dbt gets no key and nothing of our environment, keeps no log, and what it says of a fault nobody reads', async () => {
  const work = join(deployment.work, 'dbt')
  await runDbt({ warehouse: '/x/warehouse.duckdb', work, command: ['build'], progress: () => undefined })
  const [child] = started
  expect(Object.keys(child?.env ?? {}).sort()).toEqual(['DO_NOT_TRACK', 'DSR_SPILL', 'DSR_WAREHOUSE', 'LANG', 'PATH'])
  expect(child?.args.join(' ')).toContain('--log-level-file none')
  expect(child?.args.join(' ')).not.toMatch(/--debug|--log-level debug|--vars/)
  expect(child?.stdio).toEqual(['ignore', 'pipe', 'ignore'])
  expect(existsSync(work)).toBe(true)
})
