import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { syncPath, writeFileAtomically } from '../store/atomicFile.ts'
import type { Deployment } from '../store/deployment.ts'
import { deriveKey, formatKey, keyFile, readGeneration, readKey, type KeptKeys } from '../store/keys.ts'

/** A key that was rotated away and not destroyed yet. */
export interface OldKey {
  readonly version: number
  readonly path: string
}

const oldName = /^pseudonym\.key\.v([1-9]\d{0,3})$/

/**
 * Puts a new pseudonym key in place of the one in use, and that one beside it as `pseudonym.key.v<version>` until a run has
 * built a version under the new one (`destroyOldKeys`). The copy is durable before the key is replaced, and that is one
 * rename: a kill at any moment leaves either key whole in its place.
 *
 * @param labels of the keys that outlive a rotation
 * @param served key version of the version that is served, or 0: a lost key is followed by a higher one all the same
 * @returns version of the new key
 */
export function rotatePseudonymKey(
  deployment: Deployment,
  labels: { readonly record: string; readonly audit: string },
  served: number,
): number {
  const path = keyFile(deployment, 'pseudonym')
  if (!existsSync(path)) return writeKey(path, served + 1, null)
  const { version, kept } = readGeneration(deployment)
  const key = readKey(deployment, 'pseudonym')
  const old = `${path}.v${version}`
  rmSync(old, { force: true })
  writeFileSync(old, readFileSync(path), { mode: 0o600, flag: 'wx' })
  syncPath(old)
  syncPath(dirname(path))
  const first = (): KeptKeys => ({
    version,
    record: deriveKey(key, labels.record),
    audit: deriveKey(key, labels.audit),
  })
  return writeKey(path, Math.max(version, served) + 1, kept ?? first())
}

function writeKey(path: string, version: number, kept: KeptKeys | null): number {
  writeFileAtomically(path, formatKey(randomBytes(32), { version, kept }))
  return version
}

export function oldKeys(deployment: Deployment): readonly OldKey[] {
  return readdirSync(deployment.secrets)
    .map((name) => ({ name, version: Number(oldName.exec(name)?.[1] ?? 0) }))
    .filter(({ version }) => version > 0)
    .map(({ name, version }) => ({ version, path: join(deployment.secrets, name) }))
    .sort((a, b) => a.version - b.version)
}

/**
 * Destroys the old keys that nothing served rests on any more: overwritten, then removed. A copy of the key in use, left by a
 * rotation that was killed before it replaced anything, is only removed.
 *
 * @param served key version of the version that is served
 * @param record makes the destruction of a version durable in the audit; called before
 */
export function destroyOldKeys(deployment: Deployment, served: number, record: (version: number) => void): number {
  let destroyed = 0
  for (const { version, path } of oldKeys(deployment)) {
    if (version < served) {
      record(version)
      destroyed++
      // A journalling or flash disk may keep older blocks: docs/operations.md says what is done about copies.
      writeFileSync(path, randomBytes(readFileSync(path).length))
      syncPath(path)
    } else if (!readFileSync(path).equals(readFileSync(keyFile(deployment, 'pseudonym')))) continue
    rmSync(path)
    syncPath(deployment.secrets)
  }
  return destroyed
}
