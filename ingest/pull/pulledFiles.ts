import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { DsrError } from '../../register/errors.ts'
import { writeFileAtomically } from '../../store/atomicFile.ts'
import type { Deployment } from '../../store/deployment.ts'

/** What was fetched last from one place: its version as the source tells it, and what came. */
const pulledFile = z.strictObject({ version: z.string(), sha256: z.string() })
const pulledFiles = z.record(z.string(), pulledFile)
export type PulledFile = Readonly<z.infer<typeof pulledFile>>

/** What has been fetched so far, by feed and place; places are kept as digests, for a file's name may name somebody. */
export class PulledFiles {
  readonly #path: string
  readonly #files: Map<string, PulledFile>

  /** @throws DsrError 'corrupt' where the list is no longer one */
  constructor(deployment: Deployment) {
    this.#path = deployment.pulled
    this.#files = new Map(Object.entries(readFiles(deployment.pulled)))
  }

  get(feed: string, place: string): PulledFile | undefined {
    return this.#files.get(keyOf(feed, place))
  }

  /** Written at once: what has been fetched is not fetched again after a kill. */
  set(feed: string, place: string, file: PulledFile): void {
    this.#files.set(keyOf(feed, place), file)
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    writeFileAtomically(this.#path, `${JSON.stringify(Object.fromEntries(this.#files), null, 2)}\n`)
  }
}

function keyOf(feed: string, place: string): string {
  return createHash('sha256').update(`${feed}\n${place}`).digest('hex').slice(0, 32)
}

function readFiles(path: string): z.infer<typeof pulledFiles> {
  if (!existsSync(path)) return {}
  try {
    return pulledFiles.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    throw new DsrError('corrupt', `${path} is damaged.`, 'Move it away; files that are offered still are fetched anew.')
  }
}
