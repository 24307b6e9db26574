import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { ExtractReport } from '../../pseudonymise/extract/makeExtract.ts'
import { readProject } from '../../pseudonymise/extract/readProject.ts'
import { DsrError } from '../../register/errors.ts'
import { moveIntoPlace } from '../../store/atomicFile.ts'
import { openAudit, type AuditEntry } from '../../store/audit.ts'
import { readSettings, versionFiles, type Deployment } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { lockDeployment } from '../../store/lock.ts'
import { currentVersion } from '../../store/versions.ts'
import { requireNoRotationUnderWay } from '../keyRotation.ts'
import { lastManifest } from '../run.ts'
import { spawnStep } from '../spawnStep.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const extract: Verb = {
  name: 'extract',
  summary: 'Makes an external project’s extract: own pseudonyms, without those who opted out, no small groups.',
  example: 'dsr extract housing_study --by "Sam Okoro"',
  arguments: 'PROJECT',
  options: { by: { type: 'string', meaning: 'who makes it: goes into the audit' }, ...jsonOption },
  async perform({ deployment, values, positionals }) {
    readSettings(deployment)
    const [name = ''] = positionals
    if (name === '' || positionals.length > 1)
      throw new DsrError('input', 'Say which one project.', `For example: ${this.example}`)
    readProject(deployment, name)
    const by = typeof values['by'] === 'string' ? values['by'].trim() : ''
    if (by.length < 2 || by.length > 100)
      throw new DsrError(
        'input',
        'It is not said who makes the extract.',
        'Give --by with a name of 2 to 100 characters.',
      )
    const lock = lockDeployment(deployment)
    try {
      const { report, folder } = await makeAudited(deployment, name, by, values['json'] !== true)
      if (values['json'] === true) return printJson({ ...report, folder })
      print(`${report.people.inExtract} people, at least ${report.minGroup} in each group: ${folder}`)
      print('Its README.md says what was done. The next run that builds a version removes it here: hand it on before.')
    } finally {
      lock.release()
    }
  },
}

/** The audit entry is durable before the extract is in its place; refused ones are recorded too. */
async function makeAudited(
  deployment: Deployment,
  project: string,
  by: string,
  isTold: boolean,
): Promise<{ readonly report: ExtractReport; readonly folder: string }> {
  const version = servedVersion(deployment)
  const folder = join(deployment.extractsOut, project, basename(version))
  const building = `${folder}.building`
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  const record = (outcome: AuditEntry['outcome'], what: string): void =>
    audit.append({
      who: `dsr extract, ${by}`,
      role: null,
      session: null,
      action: `extract ${project}${what}`,
      subject: null,
      outcome,
      requestId: 'dsr',
      dataVersion: basename(version),
    })
  try {
    rmSync(building, { recursive: true, force: true })
    mkdirSync(dirname(building), { recursive: true, mode: 0o700 })
    const place = {
      deployment,
      asOf: dayOfVersion(version),
      versionFolder: version,
      releaseFolder: '',
      extract: { project, folder: building },
    }
    const report = (await spawnStep(
      'extract',
      place,
      (line) => isTold && print(`extract          ${line}`),
    )) as ExtractReport
    record('allowed', ` (${report.people.inExtract} people, step ${report.rung} of ${report.rungs})`)
    rmSync(folder, { recursive: true, force: true })
    moveIntoPlace(building, folder)
    return { report, folder }
  } catch (error) {
    rmSync(building, { recursive: true, force: true })
    record('failed', '')
    throw error
  } finally {
    audit.close()
  }
}

/** @throws DsrError `input` before the first run, and while somebody's withdrawal waits for the next one */
function servedVersion(deployment: Deployment): string {
  const version = currentVersion(deployment)
  if (version === null) throw new DsrError('input', 'There is no version yet to extract from.', 'Run: dsr run')
  if (existsSync(deployment.unfinished))
    throw new DsrError(
      'input',
      'A run has not been finished, or a withdrawal waits for one.',
      'Run first: dsr run. Then make the extract, without the people who withdrew.',
    )
  requireNoRotationUnderWay(deployment, lastManifest(deployment))
  return version
}

const manifestSchema = z.object({ asOf: z.iso.date() })

function dayOfVersion(version: string): string {
  const { manifest } = versionFiles(version)
  const parsed = existsSync(manifest) ? manifestSchema.safeParse(JSON.parse(readFileSync(manifest, 'utf8'))) : null
  if (parsed?.success) return parsed.data.asOf
  throw new DsrError('corrupt', `${manifest} is missing or damaged.`, 'Run: dsr run, which builds a new version.')
}
