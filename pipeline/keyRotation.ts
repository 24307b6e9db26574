import type { PseudonymiseReport } from '../pseudonymise/pseudonymise.ts'
import { DsrError } from '../register/errors.ts'
import { openAudit } from '../store/audit.ts'
import type { Deployment } from '../store/deployment.ts'
import { keyCheck, readGeneration, readKey } from '../store/keys.ts'
import { destroyOldKeys, oldKeys } from './rotateKey.ts'
import type { Report, StepOutcome, VersionManifest } from './run.ts'

/**
 * A pseudonym key that is older than that of the version served, or another one of its number, was put back by mistake: the
 * same people would get new pseudonyms under an old label, and nobody would notice.
 * @throws DsrError `keyWrong`
 */
export function requireKeyInUse(deployment: Deployment, last: VersionManifest | null): void {
  const served = last?.inputs.pseudonymKey
  if (!served) return
  const { version } = readGeneration(deployment)
  if (version > served.version) return
  if (version === served.version && keyCheck(readKey(deployment, 'pseudonym')) === served.check) return
  throw new DsrError(
    'keyWrong',
    `The pseudonym key in ${deployment.secrets} is not the one that the version served was made with (version ${served.version}).`,
    'Put back that key file. Where it is lost, move this one away and make a new one: dsr keys rotate pseudonym',
  )
}

/**
 * The key in use made the version that is served, so what is derived from it belongs to the pseudonyms of that version.
 * @throws DsrError `input` between a rotation and the run that ends it
 */
export function requireNoRotationUnderWay(deployment: Deployment, last: VersionManifest | null): void {
  requireKeyInUse(deployment, last)
  const served = last?.inputs.pseudonymKey
  if (!served || readGeneration(deployment).version === served.version) return
  throw new DsrError(
    'input',
    'The pseudonym key was rotated, and the version served still has the pseudonyms of the old one.',
    'Run first: dsr run',
  )
}

/** Another key changes no count: a version built from the same rules and files has as many people and rows as the last. */
export function requireSameCounts(last: VersionManifest, results: Readonly<Record<string, StepOutcome>>): void {
  const before = countsOf(last.steps)
  const after = countsOf(results)
  if (before === null || after === null) return
  const differing = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name])
  if (differing.length > 0)
    throw new Error(`the same inputs gave other counts than before: ${differing.sort().join(', ')}`)
}

/** People, and rows of each table after pseudonymising. */
export function countsOf(
  steps: Readonly<Record<string, StepOutcome>> | undefined,
): Readonly<Record<string, number>> | null {
  const report = steps?.['pseudonymise']?.result as PseudonymiseReport | undefined
  return report ? { everyone: report.people, 'without a number': report.withoutNumber, ...report.rows } : null
}

/** Ends a rotation once a version under the new key is served: each destruction is in the audit before it happens. */
export function destroyKeysRotatedAway(deployment: Deployment, last: VersionManifest | null, report: Report): void {
  const served = last?.inputs.pseudonymKey?.version
  if (served === undefined || oldKeys(deployment).length === 0) return
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  try {
    destroyOldKeys(deployment, served, (version) => {
      audit.append({
        who: 'dsr',
        role: null,
        session: null,
        action: `key destroyed: pseudonym, version ${version}`,
        subject: null,
        outcome: 'allowed',
        requestId: 'dsr',
        dataVersion: last?.id ?? null,
      })
      report('keys', `version ${version} of the pseudonym key destroyed`)
    })
  } finally {
    audit.close()
  }
}
