import { createHash } from 'node:crypto'
import { createReadStream, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Deployment } from '../../store/deployment.ts'
import type { Contract } from '../contract.ts'
import { manifestEnding } from './checkManifest.ts'

export interface WaitingFile {
  readonly path: string
  /** As the agency named it; shown, never used as a path. */
  readonly name: string
}

/**
 * The files that wait for a contract, by name. Links and folders are passed over: a delivery is a plain file. A live
 * database always waits: its path is that of its connection file.
 */
export function findFiles(deployment: Deployment, contract: Contract): readonly WaitingFile[] {
  if ('postgres' in contract.from)
    return [{ path: resolve(deployment.home, contract.from.postgres.connection_file), name: 'the database' }]
  const folder = resolve(deployment.home, contract.from.folder)
  if (!existsSync(folder)) return []
  const pattern = filePattern(contract.from.files)
  return (
    readdirSync(folder)
      .filter((name) => !name.startsWith('.') && !name.endsWith(manifestEnding) && pattern.test(name))
      .sort()
      .map((name) => ({ path: join(folder, name), name: name.replaceAll(/[^\p{L}\p{N}\p{P} ]/gu, '?').slice(0, 200) }))
      // A name that is not UTF-8 finds nothing under its path: it is passed over here, and said to be astray.
      .filter(({ path }) => lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
  )
}

/** What `files` of a contract means: * stands for any letters, everything else for itself. */
export function filePattern(files: string): RegExp {
  return new RegExp(`^${files.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 's')
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    hash.update(chunk)
  return hash.digest('hex')
}

/**
 * A delivery is known by its feed and the digest of its bytes, and by the day in its name where that is the day of the
 * extract: a list that has not changed in a week is this week's list all the same.
 */
export function deliveryId(contract: Contract, digest: string, fileName = ''): string {
  const rule = contract.delivered_on
  const day = 'file_name' in rule ? (new RegExp(rule.file_name).exec(fileName)?.[1] ?? '') : ''
  return createHash('sha256').update(`${contract.feed}\n${digest}\n${day}`).digest('hex').slice(0, 32)
}

export function contractDigest(contract: Contract): string {
  return createHash('sha256').update(JSON.stringify(contract)).digest('hex').slice(0, 32)
}
