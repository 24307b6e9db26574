import { hkdfSync, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DsrError } from '../register/errors.ts'
import type { Deployment } from './deployment.ts'

/** Different secrets for different uses (security.md KE-07): no process gets one that it does not need. */
export const keyNames = ['store', 'pseudonym', 'audit', 'manifest', 'session'] as const
export type KeyName = (typeof keyNames)[number]
export type Keys<Name extends KeyName> = { readonly [name in Name]: Buffer }

/** Makes the missing key files: 32 random bytes, base64, readable by their owner only. Existing keys are left alone. */
export function makeKeys(deployment: Deployment): void {
  mkdirSync(deployment.secrets, { recursive: true, mode: 0o700 })
  for (const name of keyNames) {
    const path = keyFile(deployment, name)
    if (existsSync(path)) continue
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, `${randomBytes(32).toString('base64')}\n`)
    fsyncSync(file)
    closeSync(file)
  }
}

/** Only `pipeline/` calls this: it hands each step the keys of that step and no other. */
export function readKey(deployment: Deployment, name: KeyName): Buffer {
  const path = keyFile(deployment, name)
  if (!existsSync(path)) {
    throw new DsrError(
      'keyMissing',
      `The ${name} key ${path} is missing.`,
      'Put it back from where it is kept: there is no other way to read what it locks.',
    )
  }
  const stat = lstatSync(path)
  if (!stat.isFile() || (stat.mode & 0o077) !== 0) {
    throw new DsrError(
      'input',
      `The ${name} key ${path} must be a plain file that only its owner can read.`,
      `Run: chmod 600 ${path}`,
    )
  }
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (key.length !== 32) {
    throw new DsrError(
      'keyWrong',
      `The ${name} key ${path} is not 32 bytes in base64.`,
      'Put back the key file that belongs to this deployment.',
    )
  }
  return key
}

/** A key of its own for one use of a secret (HKDF-SHA-256, RFC 5869): 32 bytes, unrelated to those of other labels. */
export function deriveKey(key: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `dsr/${label}`, 32))
}

function keyFile(deployment: Deployment, name: KeyName): string {
  return join(deployment.secrets, `${name}.key`)
}
