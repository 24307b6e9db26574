import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { findCorrections } from '../ingest/corrections/findCorrections.ts'
import { manifestEnding } from '../ingest/landing/checkManifest.ts'
import { findFiles } from '../ingest/landing/findFiles.ts'
import { readContracts } from '../ingest/readContracts.ts'
import type { Deployment } from '../store/deployment.ts'

/** What to do about a file that no contract takes. */
export const strayRemedy =
  'No contract takes this file: its folder or its name is not that of any contract’s from. Move or rename it, or correct from in the contract.'

/**
 * Files below `extracts/` that no contract takes, by their path in the deployment. A delivery in the wrong folder would
 * otherwise be passed over without a word, and an old register be taken for a new one.
 * @throws DsrError 'input' where a contract itself is wrong
 */
export function strayFiles(deployment: Deployment): readonly string[] {
  if (!existsSync(deployment.extracts)) return []
  const contracts = readContracts(deployment)
  const taken = new Set(
    contracts.flatMap((contract) => [
      ...findFiles(deployment, contract).flatMap(({ path }) => [path, `${path}${manifestEnding}`]),
      ...findCorrections(deployment, contract).map(({ path }) => path),
    ]),
  )
  return readdirSync(deployment.extracts, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !taken.has(path))
    .map((path) => relative(deployment.home, path).replaceAll(/[^\p{L}\p{N}\p{P} ]/gu, '?'))
    .sort()
}
