import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { z } from 'zod'
import { DsrError } from '../../register/errors.ts'
import type { Contract } from '../contract.ts'
import type { StagedDelivery } from '../stage/stageDelivery.ts'

/** What a sender says of its file, in a file beside it. */
const manifestSchema = z.object({
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
  rows: z.int().min(0),
  as_of: z.iso.date(),
  agency: z.string(),
})

const longest = 100_000

/** Ending of a manifest: it lies beside `name.csv` as `name.csv.manifest.json`. */
export const manifestEnding = '.manifest.json'

/**
 * Compares a file with the manifest of its sender, where one lies beside it (digest, number of records, day, agency by its
 * name in the contract or by the feed's).
 * @throws DsrError 'input' naming all that does not agree
 */
export function checkManifest(
  path: string,
  contract: Contract,
  digest: string,
  staged: StagedDelivery,
): 'agreed' | 'none' {
  const file = `${path}${manifestEnding}`
  if (!existsSync(file)) return 'none'
  const said = readManifest(file)
  const records = staged.tallies.reduce((sum, tally) => sum + tally.read, 0)
  const differs = [
    ...(said.sha256.toLowerCase() === digest ? [] : ['the digest (sha256)']),
    ...(said.rows === records ? [] : [`the number of records (${said.rows} against ${records} read)`]),
    ...(said.as_of === staged.deliveredOn ? [] : [`the day (${said.as_of} against ${staged.deliveredOn})`]),
    ...([contract.agency.name, contract.feed].includes(said.agency) ? [] : ['the agency']),
  ]
  if (differs.length === 0) return 'agreed'
  throw new DsrError(
    'input',
    `The file does not agree with the manifest of its sender in ${differs.join(', ')}.`,
    'Ask the agency to send both again.',
  )
}

export function removeManifest(path: string): void {
  rmSync(`${path}${manifestEnding}`, { force: true })
}

function readManifest(file: string): z.infer<typeof manifestSchema> {
  try {
    if (statSync(file).size > longest) throw new Error('too long')
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new DsrError(
      'input',
      'The manifest beside the file cannot be read.',
      'It has to be JSON: {"sha256": "…", "rows": 123, "as_of": "2026-10-31", "agency": "…"}. Ask the agency for it again.',
    )
  }
}
