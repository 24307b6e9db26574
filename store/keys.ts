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
  const [first = ''] = readKeyFile(path, name).split('\n')
  return decodeKey(first, path, name)
}

/** What belongs to the pseudonym key beside its bytes: how often it was rotated, and the keys that outlive a rotation. */
export interface KeyGeneration {
  /** In the prefix of each pseudonym and in the message that is hashed; 1 until the first rotation. */
  readonly version: number
  /**
   * Keys of record keys and audit references, kept from the version that first had them: the audit stays readable, and
   * published cells are not given a second change, which would tell more of them. Null: derived from the key itself.
   */
  readonly kept: KeptKeys | null
}

export interface KeptKeys {
  readonly version: number
  readonly record: Buffer
  readonly audit: Buffer
}

/** Of a key that was never rotated. */
export const firstGeneration: KeyGeneration = { version: 1, kept: null }

/** What a rotation wrote below the key. Only `pipeline/` calls this, as with `readKey`. */
export function readGeneration(deployment: Deployment): KeyGeneration {
  const path = keyFile(deployment, 'pseudonym')
  const [, ...lines] = readKeyFile(path, 'pseudonym').trimEnd().split('\n')
  if (lines.length === 0) return firstGeneration
  const [, version] = /^version (\d{1,4})$/.exec(lines[0] ?? '') ?? []
  const [, from, record, audit] = /^kept (\d{1,4}) (\S{44}) (\S{44})$/.exec(lines[1] ?? '') ?? []
  const isPlain = lines.length === 1
  if (!version || (!isPlain && (!from || !record || !audit || lines.length > 2))) throw keyWrong(path, 'pseudonym')
  if (!from || !record || !audit) return { version: Number(version), kept: null }
  const decode = (text: string): Buffer => decodeKey(text, path, 'pseudonym')
  return { version: Number(version), kept: { version: Number(from), record: decode(record), audit: decode(audit) } }
}

/** The text of a key file with its generation, as `readKey` and `readGeneration` read it. */
export function formatKey(key: Buffer, { version, kept }: KeyGeneration): string {
  const lines = [key.toString('base64'), `version ${version}`]
  if (kept) lines.push(`kept ${kept.version} ${kept.record.toString('base64')} ${kept.audit.toString('base64')}`)
  return `${lines.join('\n')}\n`
}

/** A generation as it travels to a step's process, over the channel and never by command line or environment. */
export interface SentGeneration {
  readonly version: number
  readonly kept: { readonly version: number; readonly record: string; readonly audit: string } | null
}

export function encodeGeneration({ version, kept }: KeyGeneration): SentGeneration {
  const encode = (key: Buffer): string => key.toString('base64')
  return { version, kept: kept && { version: kept.version, record: encode(kept.record), audit: encode(kept.audit) } }
}

export function decodeGeneration({ version, kept }: SentGeneration): KeyGeneration {
  const decode = (key: string): Buffer => Buffer.from(key, 'base64')
  return { version, kept: kept && { version: kept.version, record: decode(kept.record), audit: decode(kept.audit) } }
}

/** Says which key it is without telling anything of it: two keys of one version are seen to differ. */
export function keyCheck(key: Buffer): string {
  return deriveKey(key, 'check').toString('hex').slice(0, 16)
}

function readKeyFile(path: string, name: KeyName): string {
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
  return readFileSync(path, 'utf8')
}

function decodeKey(text: string, path: string, name: KeyName): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw keyWrong(path, name)
  return key
}

function keyWrong(path: string, name: KeyName): DsrError {
  return new DsrError(
    'keyWrong',
    `The ${name} key ${path} is not 32 bytes in base64.`,
    'Put back the key file that belongs to this deployment.',
  )
}

/** A key of its own for one use of a secret (HKDF-SHA-256, RFC 5869): 32 bytes, unrelated to those of other labels. */
export function deriveKey(key: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `dsr/${label}`, 32))
}

/** Where a key is kept; only `pipeline/` asks. */
export function keyFile(deployment: Deployment, name: KeyName): string {
  return join(deployment.secrets, `${name}.key`)
}
