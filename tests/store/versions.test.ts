import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deploymentAt } from '../../store/deployment.ts'
import { lockDeployment } from '../../store/lock.ts'
import {
  currentVersion,
  finishFolder,
  readPointer,
  removeOtherVersions,
  removeUnfinished,
  startFolder,
  swingPointer,
} from '../../store/versions.ts'

const newDeployment = () => deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-versions-')))

describe('versions and pointers (security.md RL-01, RL-03)', () => {
  test('an unfinished folder is never the current version', () => {
    const deployment = newDeployment()
    const folder = startFolder(deployment.versions, 'one')
    expect(currentVersion(deployment)).toBeNull()
    const final = finishFolder(folder)
    swingPointer(deployment.currentPointer, 'one')
    expect(currentVersion(deployment)).toBe(final)
  })

  test('what a killed run left is removed and the pointer stays', () => {
    const deployment = newDeployment()
    finishFolder(startFolder(deployment.versions, 'one'))
    swingPointer(deployment.currentPointer, 'one')
    const left = startFolder(deployment.versions, 'two')
    mkdirSync(deployment.work, { recursive: true })
    writeFileSync(join(deployment.work, 'spill'), 'x')
    removeUnfinished(deployment)
    expect(existsSync(left)).toBe(false)
    expect(existsSync(join(deployment.work, 'spill'))).toBe(false)
    expect(readPointer(deployment.currentPointer)).toBe('one')
  })

  test('a leftover write-ahead log stops the finish', () => {
    const folder = startFolder(newDeployment().versions, 'one')
    writeFileSync(join(folder, 'register.duckdb.wal'), 'x')
    expect(() => finishFolder(folder)).toThrow(/write-ahead/)
  })

  test('older versions go once a new one is current', () => {
    const deployment = newDeployment()
    const old = finishFolder(startFolder(deployment.versions, 'one'))
    finishFolder(startFolder(deployment.versions, 'two'))
    removeOtherVersions(deployment, 'two')
    expect(existsSync(old)).toBe(false)
  })

  test('a damaged pointer is said to be damaged', () => {
    const deployment = newDeployment()
    mkdirSync(deployment.store, { recursive: true })
    writeFileSync(deployment.currentPointer, '../../etc')
    expect(() => readPointer(deployment.currentPointer)).toThrow(/damaged/)
  })

  test('a second run is refused while the first holds the lock, and may start after it', () => {
    const deployment = newDeployment()
    const first = lockDeployment(deployment)
    expect(() => lockDeployment(deployment)).toThrow(/Another run/)
    first.release()
    lockDeployment(deployment).release()
  })
})
