import { readSettings } from '../../store/deployment.ts'
import { run, type Report } from '../run.ts'
import { strayFiles, strayRemedy } from '../strayFiles.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const runVerb: Verb = {
  name: 'run',
  summary: 'Takes waiting extracts all the way to a new version of the register and a release.',
  example: 'dsr run --home deployment',
  options: jsonOption,
  async perform({ deployment, values }) {
    const isQuiet = values['json'] === true
    const report: Report = (step, line) => {
      if (!isQuiet) print(`${step.padEnd(16)} ${line}`)
    }
    readSettings(deployment)
    for (const file of strayFiles(deployment)) report('not taken', `${file}. ${strayRemedy}`)
    // Without an answer Ctrl-C looks like damage. Unfinished work is left for the next run to remove, as after a kill.
    process.once('SIGINT', () => {
      process.stderr.write('\nStopped. What was served is served still. To begin again: dsr run\n')
      process.exit(130)
    })
    const result = await run(deployment, report)
    if (isQuiet) printJson(result)
    else print(`version ${result.versionId}, release ${result.releaseId}`)
  },
}
