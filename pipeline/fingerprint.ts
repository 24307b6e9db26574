import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { pipeline as streamPipeline } from 'node:stream/promises'
import { isDatabase } from '../ingest/contract.ts'
import { readContracts } from '../ingest/readContracts.ts'
import { projectRoot } from '../register/projectRoot.ts'
import type { Deployment } from '../store/deployment.ts'
import { keyCheck, readGeneration, readKey } from '../store/keys.ts'

/** What a version was made from: the same inputs need no second run (security.md RL-02). */
export interface Inputs {
  /** SHA-256 over program, settings, contracts, decisions on links and the day that counts as today. */
  readonly rules: string
  /** SHA-256 of every extract file ever seen, sorted. */
  readonly extracts: readonly string[]
  /** Which pseudonym key: its version, and a check that tells nothing of it. A version built before this was kept has none. */
  readonly pseudonymKey?: { readonly version: number; readonly check: string }
}

export async function readInputs(deployment: Deployment, asOf: string, seen: readonly string[]): Promise<Inputs> {
  // What a live database holds is seen only by reading it, so a run with one is never told that nothing is new.
  const isLive = readContracts(deployment).some(isDatabase)
  const waiting = await Promise.all(filesBelow(deployment.extracts).map(digestOf))
  return {
    rules: isLive ? randomUUID() : digestRules(deployment, asOf),
    extracts: [...new Set([...seen, ...waiting])].sort(),
    pseudonymKey: {
      version: readGeneration(deployment).version,
      check: keyCheck(readKey(deployment, 'pseudonym')),
    },
  }
}

function digestRules(deployment: Deployment, asOf: string): string {
  const hash = createHash('sha256').update(`${asOf}\n`)
  const program = ['dist', 'register', 'transform', 'pseudonymise', 'ingest'].flatMap((folder) =>
    filesBelow(join(projectRoot, folder)),
  )
  const local = [
    deployment.settingsFile,
    deployment.linksChanged,
    ...filesBelow(deployment.sources),
    ...filesBelow(deployment.reference),
  ]
  // A deployment that was moved is the same deployment.
  const named = [
    ...program.map((file) => [relative(projectRoot, file), file] as const),
    ...local.map((file) => [relative(deployment.home, file), file] as const),
  ]
  for (const [name, file] of named.filter(([, path]) => existsSync(path) && !path.endsWith('.tsbuildinfo')))
    hash.update(`${name}\n`).update(readFileSync(file))
  return hash.digest('hex')
}

/** All files below a folder, in a fixed order. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Of name and content: the name may say of which day an unchanged extract is. */
async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256').update(`${basename(path)}\n`)
  await streamPipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
