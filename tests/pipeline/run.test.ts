import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Deployment } from '../../store/deployment.ts'
import { lockDeployment } from '../../store/lock.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { copyDeployment, dsr, filesOf, servedDemo, touchSettings } from './dsr.ts'

let served: Deployment
let releaseId: string

beforeAll(async () => {
  served = await servedDemo(120)
  releaseId = currentRelease(served) ?? ''
})

describe('every run is a version (design.md 2, promise 4)', () => {
  test('a second run with nothing new changes nothing', () => {
    const before = [currentVersion(served), currentRelease(served)]
    const ended = dsr(served, 'run')
    expect(ended.code).toBe(0)
    expect(ended.out).toContain('nothing new')
    expect([currentVersion(served), currentRelease(served)]).toEqual(before)
  })

  test('status says in words whom the last run counted', () => {
    const { out } = dsr(served, 'status')
    expect(out).toMatch(/^people {5}\d+ on the register$/m)
    expect(out).toMatch(/^kept out {3}/m)
    expect(out).not.toContain('{')
    expect(JSON.parse(dsr(served, 'status', '--json').out)).toHaveProperty('steps.ingest.result.people')
  })

  test('no two versions have the same id, though only the newest is kept; damaged pointers are written anew', () => {
    const deployment = copyDeployment(served)
    const ids = [currentVersion(deployment)]
    touchSettings(deployment)
    expect(dsr(deployment, 'run').code).toBe(0)
    ids.push(currentVersion(deployment))
    for (const pointer of [deployment.currentPointer, deployment.releasedPointer]) writeFileSync(pointer, '../etc')
    expect(dsr(deployment, 'run').code).toBe(0)
    ids.push(currentVersion(deployment))
    expect(new Set(ids).size).toBe(3)
    expect(filesOf(currentRelease(deployment) ?? '')).toEqual(filesOf(releaseId))
  })

  test('a run beside another one stops at once with its own exit code', () => {
    const lock = lockDeployment(served)
    const ended = dsr(served, 'run')
    lock.release()
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('Another run')
  })
})

describe('bad keys, files and settings stop with their own message and exit code', () => {
  test('a missing key', () => {
    const deployment = copyDeployment(served)
    touchSettings(deployment)
    rmSync(join(deployment.secrets, 'store.key'))
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err]).toEqual([4, expect.stringContaining('store.key is missing')])
  })

  test('a wrong key', () => {
    const deployment = copyDeployment(served)
    touchSettings(deployment)
    writeFileSync(join(deployment.secrets, 'store.key'), Buffer.alloc(32, 9).toString('base64'), { mode: 0o600 })
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err]).toEqual([5, expect.stringContaining('The key does not fit')])
    expect(ended.err).not.toContain(Buffer.alloc(32, 9).toString('base64'))
  })

  test('a corrupt landing file', () => {
    const deployment = copyDeployment(served)
    touchSettings(deployment)
    const bytes = readFileSync(deployment.landing)
    bytes.fill(0x5a, 4096, 40_000)
    writeFileSync(deployment.landing, bytes)
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err]).toEqual([6, expect.stringContaining('landing.duckdb')])
  })

  test('an unknown setting names its nearest match', () => {
    const deployment = copyDeployment(served)
    appendFileSync(deployment.settingsFile, 'disclosure_rul: nhs-lda\n')
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('nearest known one is disclosure_rule')])
  })

  test('an unknown verb names the nearest one', () => {
    const ended = dsr(served, 'rum')
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('the nearest is run')])
  })

  test('a folder that is no deployment', () => {
    const deployment = copyDeployment(served)
    rmSync(deployment.settingsFile)
    expect(dsr(deployment, 'run').code).toBe(1)
  })
})

describe('files are their owner’s only (security.md KE-05)', () => {
  test('nothing in a deployment is readable by group or others', async () => {
    const { statSync } = await import('node:fs')
    mkdirSync(served.work, { recursive: true })
    const entries = readdirSync(served.store, { recursive: true, encoding: 'utf8' })
    const open = entries.filter((entry) => (statSync(join(served.store, entry)).mode & 0o077) !== 0)
    expect(open).toEqual([])
  })
})
