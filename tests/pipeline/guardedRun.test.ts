import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { run } from '../../pipeline/run.ts'
import type { StepPlace } from '../../pipeline/spawnStep.ts'
import { DsrError } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { makeKeys } from '../../store/keys.ts'

// The order of a run, with steps that do nothing: what is served is switched only behind its guard.

interface Seen {
  readonly name: string
  readonly isCurrent: boolean
  readonly isReleased: boolean
}

const seen: Seen[] = []
let leaking = ''

vi.mock('../../pipeline/spawnStep.ts', () => ({
  spawnStep: async (name: string, { deployment }: StepPlace) => {
    const { currentPointer, releasedPointer, releases } = deployment
    seen.push({ name, isCurrent: existsSync(currentPointer), isReleased: existsSync(releasedPointer) })
    if (name === leaking) throw new DsrError('leak', 'Something was found.', 'Put it right.')
    const folder = join(releases, 'first.building')
    if (name === 'publish') mkdirSync(folder, { recursive: true })
    return name === 'publish' ? { releaseId: 'first', folder } : {}
  },
}))

let deployment: Deployment

beforeEach(() => {
  seen.splice(0)
  leaking = ''
  deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-order-')))
  for (const folder of [deployment.sources, deployment.store]) mkdirSync(folder, { recursive: true })
  makeKeys(deployment)
  copyFileSync(join(projectRoot, 'demo/sources/provider.yml'), join(deployment.sources, 'provider.yml'))
  writeFileSync(deployment.settingsFile, 'icbs: [QOQ]\nas_of: 2026-11-01\n')
})

test('a version is served only when its guard has passed, a release only when the other has', async () => {
  await run(deployment, () => undefined)
  const names = ['ingest', 'pseudonymise', 'transform', 'guard-warehouse', 'publish', 'guard-release']
  expect(seen.map(({ name }) => name)).toEqual(names)
  const at = (name: string): Seen | undefined => seen.find((step) => step.name === name)
  expect(at('guard-warehouse')).toMatchObject({ isCurrent: false, isReleased: false })
  expect(at('guard-release')).toMatchObject({ isCurrent: true, isReleased: false })
  expect([existsSync(deployment.currentPointer), existsSync(deployment.releasedPointer)]).toEqual([true, true])
})

test.each([
  ['guard-warehouse', [false, false]],
  ['guard-release', [true, false]],
])('when %s finds something, nothing behind it is served', async (name, pointers) => {
  leaking = name
  await expect(run(deployment, () => undefined)).rejects.toMatchObject({ kind: 'leak' })
  expect([existsSync(deployment.currentPointer), existsSync(deployment.releasedPointer)]).toEqual(pointers)
  expect(seen.at(-1)?.name).toBe(name)
})
