import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { readSettings, versionFiles } from '../../store/deployment.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { dayThatCounts } from '../run.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const status: Verb = {
  name: 'status',
  summary: 'Says which version and release are served and what the last run counted.',
  example: 'dsr status --json',
  options: jsonOption,
  async perform({ deployment, values }) {
    const settings = readSettings(deployment)
    const version = currentVersion(deployment)
    const release = currentRelease(deployment)
    const manifestFile = version ? versionFiles(version).manifest : ''
    const manifest: unknown = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : null
    const facts = {
      home: deployment.home,
      asOf: dayThatCounts(settings),
      version: version ? basename(version) : null,
      release: release ? basename(release) : null,
      steps: isRecord(manifest) ? manifest['steps'] : null,
    }
    if (values['json'] === true) return printJson(facts)
    print(`deployment ${facts.home}, as of ${facts.asOf}`)
    print(`version    ${facts.version ?? 'none yet: run dsr run'}`)
    print(`release    ${facts.release ?? 'none yet: run dsr run'}`)
    if (facts.steps) printJson(facts.steps)
  },
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
