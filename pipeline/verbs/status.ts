import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { IngestReport } from '../../ingest/ingest.ts'
import type { PseudonymiseReport } from '../../pseudonymise/pseudonymise.ts'
import { sentenceOfSmallGroups } from '../../pseudonymise/sentenceOfSmallGroups.ts'
import { readCodes } from '../../register/readCodes.ts'
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
    for (const line of [...countsOf(facts.steps), ...smallGroupsOf(facts.steps)]) print(line)
  },
}

/** What the last run counted, in a few lines; `--json` has all of it. */
function countsOf(steps: unknown): readonly string[] {
  const ingested = isRecord(steps) && isRecord(steps['ingest']) ? steps['ingest']['result'] : null
  if (ingested === null) return []
  const { people, excluded, landed, statutoryOnly } = ingested as IngestReport
  const labels = new Map(readCodes('consent_bases').map(({ code, label }) => [code, label]))
  const reasons = Object.entries(excluded)
    .filter(([, count]) => count > 0)
    .map(([code, count]) => `${labels.get(code) ?? code} ${count}`)
  return [
    `people     ${people} on the register`,
    `kept out   ${reasons.length > 0 ? reasons.join(', ') : 'nobody for want of a lawful basis'}`,
    ...(statutoryOnly > 0 ? [`statutory  ${statutoryOnly} known by hospital stays only`] : []),
    ...landed.map(({ feed, file, tallies }) => {
      const sum = (count: (tally: (typeof tallies)[number]) => number): number =>
        tallies.reduce((total, tally) => total + count(tally), 0)
      return `landed     ${feed}  ${file}: ${sum((t) => t.read)} read = ${sum((t) => t.accepted)} accepted + ${sum((t) => t.quarantined)} quarantined + ${sum((t) => t.duplicates)} duplicates`
    }),
  ]
}

/** How far people can be told apart in the pseudonymised store; `--json` has the columns too. */
function smallGroupsOf(steps: unknown): readonly string[] {
  const made = isRecord(steps) && isRecord(steps['pseudonymise']) ? steps['pseudonymise']['result'] : null
  if (made === null) return []
  // A version that was built before this was counted has none.
  const { smallGroups = [] } = made as Partial<PseudonymiseReport>
  const told = smallGroups.filter(({ inSmallGroups }) => inSmallGroups > 0)
  const others = smallGroups.filter(({ people, inSmallGroups }) => people > 0 && inSmallGroups === 0)
  return [
    ...told.map((groups) => `alike      ${sentenceOfSmallGroups(groups)}`),
    ...(others.length > 0
      ? [`alike      ${others.map(({ table }) => table).join(', ')}: nobody in a small group`]
      : []),
  ]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
