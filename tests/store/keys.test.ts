import { chmodSync, mkdtempSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { deriveKey, keyNames, makeKeys, readKey } from '../../store/keys.ts'

function deployment(): Deployment {
  const made = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-keys-')))
  makeKeys(made)
  return made
}

const failure = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  return null
}

describe('key files (security.md KE-02, KE-07, KE-09)', () => {
  test('each key is 32 random bytes in a file of its own that only its owner reads', () => {
    const made = deployment()
    const keys = keyNames.map((name) => readKey(made, name))
    expect(keys.every((key) => key.length === 32)).toBe(true)
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keyNames.length)
    for (const name of keyNames) expect(statSync(join(made.secrets, `${name}.key`)).mode & 0o777).toBe(0o600)
  })

  test('making keys again leaves the existing ones alone', () => {
    const made = deployment()
    const before = readKey(made, 'store')
    makeKeys(made)
    expect(readKey(made, 'store')).toEqual(before)
  })

  test('a missing key says which file to put back', () => {
    const made = deployment()
    unlinkSync(join(made.secrets, 'store.key'))
    expect(failure(() => readKey(made, 'store'))).toMatchObject({
      kind: 'keyMissing',
      message: /store\.key is missing/,
    })
  })

  test('a key that others can read, a link and 31 bytes are refused', () => {
    const open = deployment()
    chmodSync(join(open.secrets, 'store.key'), 0o644)
    expect(failure(() => readKey(open, 'store'))).toMatchObject({ kind: 'input' })

    const linked = deployment()
    const path = join(linked.secrets, 'store.key')
    unlinkSync(path)
    symlinkSync(join(linked.secrets, 'audit.key'), path)
    expect(failure(() => readKey(linked, 'store'))).toMatchObject({ kind: 'input' })

    const short = deployment()
    writeFileSync(join(short.secrets, 'store.key'), Buffer.alloc(31, 1).toString('base64'), { mode: 0o600 })
    expect(failure(() => readKey(short, 'store'))).toMatchObject({ kind: 'keyWrong' })
  })

  test('labels give unrelated keys', () => {
    const key = Buffer.alloc(32, 7)
    const labels = ['record-key', 'audit-ref', 'archive', 'project/1'].map((label) =>
      deriveKey(key, label).toString('hex'),
    )
    expect(new Set(labels).size).toBe(4)
  })
})
