import { existsSync, statSync } from 'node:fs'
import { keyLabels } from '../../pseudonymise/makePseudonyms.ts'
import { DsrError } from '../../register/errors.ts'
import { londonDay } from '../../register/londonDay.ts'
import { openAudit } from '../../store/audit.ts'
import { readSettings, type Deployment } from '../../store/deployment.ts'
import { keyFile, keyNames, readGeneration, readKey } from '../../store/keys.ts'
import { lockDeployment } from '../../store/lock.ts'
import { oldKeys, rotatePseudonymKey } from '../rotateKey.ts'
import { removeUnfinished } from '../../store/versions.ts'
import { countsOf } from '../keyRotation.ts'
import { buildAndPublish, lastManifest, type Report } from '../run.ts'
import { jsonOption, print, printJson, type Verb, type VerbCall } from '../verb.ts'

export const keys: Verb = {
  name: 'keys',
  summary: 'Lists the keys; with rotate pseudonym it makes a new one and builds everything anew under it.',
  example: 'dsr keys rotate pseudonym --by "Sam Okoro" --reason "Yearly, agreed with the IG lead"',
  arguments: '[rotate pseudonym]',
  options: {
    by: { type: 'string', meaning: 'who rotates: goes into the audit' },
    reason: { type: 'string', meaning: 'why, in 10 to 200 characters: goes into the audit' },
    ...jsonOption,
  },
  async perform(call) {
    const { deployment, positionals, values } = call
    readSettings(deployment)
    const [action, name, ...more] = positionals
    if (action === undefined) return list(deployment, values['json'] === true)
    if (action !== 'rotate' || name !== 'pseudonym' || more.length > 0)
      throw new DsrError('input', 'Only the pseudonym key can be rotated.', `Write: ${this.example}`)
    await rotate(call)
  },
}

function list(deployment: Deployment, asJson: boolean): void {
  const listed = keyNames.map((name) => {
    const path = keyFile(deployment, name)
    const madeOn = existsSync(path) ? londonDay(statSync(path).mtime) : null
    const version = madeOn !== null && name === 'pseudonym' ? readGeneration(deployment).version : null
    return { name, madeOn, ...(version !== null && { version }) }
  })
  const waiting = existsSync(deployment.secrets) ? oldKeys(deployment).map(({ version }) => version) : []
  if (asJson) return printJson({ keys: listed, toBeDestroyed: waiting })
  for (const { name, madeOn, version } of listed)
    print(`${name.padEnd(10)} ${madeOn ? `since ${madeOn}` : 'missing'}${version ? `, version ${version}` : ''}`)
  for (const version of waiting) print(`pseudonym  version ${version} is destroyed by the next run: dsr run`)
}

/**
 * Brings the register up to date under the old key, puts a new one in its place and builds all anew, under one lock: so the
 * two versions are made of the same, and the second is served only if its counts are those of the first. The old key goes
 * when that is served. Killed on the way, the version before is served, and `dsr run` does the rest.
 */
async function rotate(call: VerbCall): Promise<void> {
  const { deployment, values } = call
  const settings = readSettings(deployment)
  const { by, reason } = readWords(call)
  const isQuiet = values['json'] === true
  const report: Report = (step, line) => {
    if (!isQuiet) print(`${step.padEnd(16)} ${line}`)
  }
  const lock = lockDeployment(deployment)
  try {
    removeUnfinished(deployment)
    // A key that is lost can be followed by a new one, but nothing can be built under it before.
    const isLost = !existsSync(keyFile(deployment, 'pseudonym'))
    if (!isLost) await buildAndPublish(deployment, settings, report)
    const before = lastManifest(deployment)
    const served = before?.inputs.pseudonymKey?.version ?? 0
    record(deployment, by, reason)
    const version = rotatePseudonymKey(deployment, keyLabels, served)
    report('keys', `version ${version} of the pseudonym key made`)
    const result = await buildAndPublish(deployment, settings, report)
    const people = countsOf(lastManifest(deployment)?.steps)?.['everyone'] ?? 0
    const peopleBefore = countsOf(before?.steps)?.['everyone'] ?? null
    if (isQuiet) return printJson({ keyVersion: version, people, peopleBefore, ...result })
    print(
      `version ${result.versionId}: ${people} people have pseudonyms of version ${version}; before: ${peopleBefore ?? 'none'}`,
    )
    print(
      'Give the two who keep copies the new secrets/pseudonym.key, and have them destroy the old one and note the day.',
    )
  } finally {
    lock.release()
  }
}

function readWords({ values }: VerbCall): { readonly by: string; readonly reason: string } {
  const said = (name: string): string => (typeof values[name] === 'string' ? values[name].trim() : '')
  const [by, reason] = [said('by'), said('reason')]
  if (by.length < 2 || by.length > 100)
    throw new DsrError('input', 'It is not said who rotates the key.', 'Give --by with a name of 2 to 100 characters.')
  if (reason.length < 10 || reason.length > 200)
    throw new DsrError(
      'input',
      'The reason does not have 10 to 200 characters.',
      'Give --reason in a sentence: yearly, a leak, somebody who left, the key was lost.',
    )
  return { by, reason }
}

/** Durable before the key is replaced. */
function record(deployment: Deployment, by: string, reason: string): void {
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  try {
    audit.append({
      who: `dsr keys, ${by}`,
      role: null,
      session: null,
      action: 'rotate the pseudonym key',
      subject: null,
      outcome: 'allowed',
      requestId: 'dsr',
      dataVersion: lastManifest(deployment)?.id ?? null,
      note: reason,
    })
  } finally {
    audit.close()
  }
}
