import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { pipeline as streamPipeline } from 'node:stream/promises'
import { isDatabase } from '../ingest/contract.ts'
import { readContracts } from '../ingest/readContracts.ts'
import { projectRoot } from '../register/projectRoot.ts'
import type { Deployment } from '../store/deployment.ts'

/** What a version was made from: the same inputs need no second run (security.md RL-02). */
export interface Inputs {
  /** SHA-256 over program, settings, contracts, decisions on links and the day that counts as today. */
  readonly rules: string
  /** SHA-256 of every extract file ever seen, sorted. */
  readonly extracts: readonly string[]
}

export async function readInputs(deployment: Deployment, asOf: string, seen: readonly string[]): Promise<Inputs> {
  // What a live database holds is seen only by reading it, so a run with one is never told that nothing is new.
  const isLive = readContracts(deployment).some(isDatabase)
  const waiting = await Promise.all(filesBelow(deployment.extracts).map(digestOf))
  return {
    rules: isLive ? randomUUID() : digestRules(deployment, asOf),
    extracts: [...new Set([...seen, ...waiting])].sort(),
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
  // By the place in the project or in the deployment: a deployment that was moved is the same deployment.
  const add = (root: string, files: readonly string[]): void => {
    for (const file of files.filter((path) => existsSync(path) && !path.endsWith('.tsbuildinfo')))
      hash.update(`${relative(root, file)}\n`).update(readFileSync(file))
  }
  add(projectRoot, program)
  add(deployment.home, local)
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
