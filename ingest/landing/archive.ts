import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DsrError } from '../../register/errors.ts'
import type { Settings } from '../../register/settings.ts'
import { syncPath } from '../../store/atomicFile.ts'
import type { Deployment } from '../../store/deployment.ts'
import { deriveKey } from '../../store/keys.ts'

/** Layout of an archived file: this mark, a random nonce, the encrypted bytes, GCM's tag. */
const mark = Buffer.from('DSRA1')
const nonceLength = 12
const tagLength = 16

/**
 * What becomes of a delivered file once its rows are safe in landing (setting `extracts_after_landing`). The archive is
 * whole and durable before the file goes, so a kill at any moment leaves one of the two; run again, it is finished.
 */
export async function disposeOfFile(
  deployment: Deployment,
  settings: Settings,
  storeKey: Buffer,
  path: string,
  delivery: string,
): Promise<void> {
  if (settings.extracts_after_landing === 'keep') return
  if (settings.extracts_after_landing === 'archive') await archiveFile(deployment, storeKey, path, delivery)
  rmSync(path)
  syncPath(dirname(path))
}

async function archiveFile(deployment: Deployment, storeKey: Buffer, path: string, delivery: string): Promise<void> {
  const target = join(deployment.archive, delivery)
  if (existsSync(target)) return
  mkdirSync(deployment.archive, { recursive: true, mode: 0o700 })
  const building = `${target}.new`
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(storeKey, 'archive'), nonce)
  // The delivery's id is authenticated too: one archived file cannot stand in for another.
  cipher.setAAD(Buffer.from(delivery))
  const sink = createWriteStream(building, { mode: 0o600 })
  sink.write(Buffer.concat([mark, nonce]))
  await pipeline(createReadStream(path), cipher, sink, { end: false })
  await new Promise<void>((done, failed) => {
    sink.once('error', failed)
    sink.end(cipher.getAuthTag(), () => done())
  })
  const file = openSync(building, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(building, target)
  syncPath(deployment.archive)
}

/** The bytes of an archived delivery, as the agency sent them. Throws DsrError 'corrupt' where they were changed. */
export function readArchive(deployment: Deployment, storeKey: Buffer, delivery: string): Buffer {
  const bytes = readFileSync(join(deployment.archive, delivery))
  const start = mark.length + nonceLength
  const damaged = new DsrError(
    'corrupt',
    `The archived delivery ${delivery} is damaged or was locked with another key.`,
    'Restore it from a backup.',
  )
  if (bytes.length < start + tagLength || !bytes.subarray(0, mark.length).equals(mark)) throw damaged
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(storeKey, 'archive'), bytes.subarray(mark.length, start))
  decipher.setAAD(Buffer.from(delivery))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(start, bytes.length - tagLength)), decipher.final()])
  } catch {
    throw damaged
  }
}
