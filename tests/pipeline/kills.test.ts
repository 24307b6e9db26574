import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Deployment } from '../../store/deployment.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { copyDeployment, dsr, filesOf, killRunAt, makeDemoDeployment, servedDemo } from './dsr.ts'

let served: Deployment
let releaseId: string

beforeAll(async () => {
  served = await servedDemo(120)
  releaseId = currentRelease(served) ?? ''
})

describe('killed anywhere, the old version is served (design.md 2, promise 4)', () => {
  test('killed at one step after the other, the old version is served, and the next run has what was delivered', async () => {
    const deployment = copyDeployment(served)
    writeFileSync(
      deployment.settingsFile,
      readFileSync(deployment.settingsFile, 'utf8').replace('after_landing: keep', 'after_landing: archive'),
    )
    const before = [currentVersion(deployment), currentRelease(deployment)]
    const last = join(deployment.extracts, 'provider/supported_living_2026-10-30.tsv')
    const delivered = join(deployment.extracts, 'provider/supported_living_2026-10-31.tsv')
    writeFileSync(delivered, `${readFileSync(last, 'utf8')}\n`)
    for (const line of [/ingest +started/, /pseudonymise +started/, /transform +started/, /switch +to version/]) {
      expect([currentVersion(deployment), currentRelease(deployment)], String(line)).toEqual(before)
      await killRunAt(deployment, line)
      for (const folder of [currentVersion(deployment), currentRelease(deployment)])
        expect(folder && existsSync(join(folder, 'manifest.json')), String(line)).toBe(true)
    }
    // Landed and archived by a run that was killed, the file is in the register all the same.
    expect(existsSync(delivered)).toBe(false)
    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err, ended.out]).toEqual([0, '', expect.not.stringContaining('nothing new')])
    expect(currentVersion(deployment)).not.toBe(before[0])
    expect(readdirSync(deployment.versions).filter((name) => name.endsWith('.building'))).toEqual([])
    expect(dsr(deployment, 'run').out).toContain('nothing new')
  })

  test('a first run killed during ingest loses no delivery; with the same keys it ends in the same bytes', async () => {
    const deployment = makeDemoDeployment(120)
    for (const key of readdirSync(served.secrets))
      writeFileSync(join(deployment.secrets, key), readFileSync(join(served.secrets, key)))
    await killRunAt(deployment, /ingest +started/)
    expect(currentVersion(deployment)).toBeNull()
    expect(dsr(deployment, 'run').code).toBe(0)
    expect(filesOf(currentRelease(deployment) ?? '')).toEqual(filesOf(releaseId))
  })
})
