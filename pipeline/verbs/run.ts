import type { Acceptance } from '../../ingest/landing/refuseDelivery.ts'
import { DsrError } from '../../register/errors.ts'
import { readSettings } from '../../store/deployment.ts'
import { run, runAsKnownAt, type Report } from '../run.ts'
import { strayFiles, strayRemedy } from '../strayFiles.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const runVerb: Verb = {
  name: 'run',
  summary: 'Takes waiting extracts all the way to a new version of the register and a release.',
  example: 'dsr run --home deployment',
  options: {
    'as-known-at': {
      type: 'string',
      meaning: 'build the register as it was known on this day, yyyy-mm-dd, beside the one served',
    },
    accept: { type: 'string', meaning: 'take the waiting files of this feed although they look wrong' },
    reason: { type: 'string', meaning: 'why they are taken (10 to 200 characters); goes with --accept and is kept' },
    ...jsonOption,
  },
  async perform({ deployment, values }) {
    const isQuiet = values['json'] === true
    const report: Report = (step, line) => {
      if (!isQuiet) print(`${step.padEnd(16)} ${line}`)
    }
    readSettings(deployment)
    // Without an answer Ctrl-C looks like damage. Unfinished work is left for the next run to remove, as after a kill.
    process.once('SIGINT', () => {
      process.stderr.write('\nStopped. What was served is served still. To begin again: dsr run\n')
      process.exit(130)
    })
    const accept = readAcceptance(values['accept'], values['reason'])
    const day = values['as-known-at']
    if (typeof day === 'string') {
      const known = await runAsKnownAt(deployment, day, report)
      if (isQuiet) printJson(known)
      else
        print(
          `${known.folder}\nas known on ${day}: ${known.people} people, ${known.overdue} overdue; ${known.withdrawnSince} who have withdrawn since are not in it`,
        )
      return
    }
    for (const file of strayFiles(deployment)) report('not taken', `${file}. ${strayRemedy}`)
    const result = await run(deployment, report, accept)
    if (isQuiet) printJson(result)
    else print(`version ${result.versionId}, release ${result.releaseId}`)
  },
}

/** @throws DsrError 'input' where one of the two is missing, or the reason says nothing */
function readAcceptance(feed: unknown, reason: unknown): Acceptance | undefined {
  if (feed === undefined && reason === undefined) return undefined
  const length = typeof reason === 'string' ? reason.trim().length : 0
  if (typeof feed === 'string' && typeof reason === 'string' && length >= 10 && length <= 200)
    return { feed, reason: reason.trim() }
  throw new DsrError(
    'input',
    '--accept goes with --reason, in 10 to 200 characters.',
    'Write: dsr run --accept FEED --reason "who confirmed the file, and when"',
  )
}
