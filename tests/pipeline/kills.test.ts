import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Deployment } from '../../store/deployment.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { copyDeployment, dsr, filesOf, killRunAt, makeDemoDeployment, touchSettings } from './dsr.ts'

let served: Deployment
let releaseId: string

beforeAll(() => {
  served = makeDemoDeployment(120)
  const ended = dsr(served, 'run')
  if (ended.code !== 0) throw new Error(`dsr run ended with ${ended.code}: ${ended.err}`)
  releaseId = currentRelease(served) ?? ''
})

describe('killed anywhere, the old version is served (design.md 2, promise 4)', () => {
  const kills = [
    ['ingest', /ingest +started/],
    ['transform', /transform +started/],
    ['the switch of the release', /switch +to release/],
  ] as const

  test.each(kills)('killed at %s, the old version is served and the next run is right', async (_step, line) => {
    const deployment = copyDeployment(served)
    touchSettings(deployment)
    await killRunAt(deployment, line)
    for (const folder of [currentVersion(deployment), currentRelease(deployment)]) {
      expect(folder && existsSync(join(folder, 'manifest.json'))).toBe(true)
    }
    const ended = dsr(deployment, 'run')
    expect(ended.err).toBe('')
    expect(ended.code).toBe(0)
    expect(filesOf(currentRelease(deployment) ?? '')).toEqual(filesOf(releaseId))
    expect(readdirSync(deployment.versions).filter((name) => name.endsWith('.building'))).toEqual([])
  })

  test('a first run killed during ingest loses no delivery', async () => {
    const deployment = makeDemoDeployment(120)
    for (const key of readdirSync(served.secrets))
      writeFileSync(join(deployment.secrets, key), readFileSync(join(served.secrets, key)))
    await killRunAt(deployment, /ingest +started/)
    expect(currentVersion(deployment)).toBeNull()
    expect(dsr(deployment, 'run').code).toBe(0)
    expect(filesOf(currentRelease(deployment) ?? '')).toEqual(filesOf(releaseId))
  })

  test('a delivery landed by a run that was killed is in the next version', async () => {
    const deployment = copyDeployment(served)
    writeFileSync(
      deployment.settingsFile,
      readFileSync(deployment.settingsFile, 'utf8').replace('after_landing: keep', 'after_landing: archive'),
    )
    expect(dsr(deployment, 'run').code).toBe(0)
    const before = currentVersion(deployment)
    const file = 'provider/supported_living_2026-10-31.tsv'
    const last = join(served.extracts, 'provider/supported_living_2026-10-30.tsv')
    writeFileSync(join(deployment.extracts, file), `${readFileSync(last, 'utf8')}\n`)
    await killRunAt(deployment, /pseudonymise +started/)
    expect(existsSync(join(deployment.extracts, file))).toBe(false)
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.out]).toEqual([0, expect.not.stringContaining('nothing new')])
    expect(currentVersion(deployment)).not.toBe(before)
    expect(dsr(deployment, 'run').out).toContain('nothing new')
  })
})
