import { run } from '../run.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const runVerb: Verb = {
  name: 'run',
  summary: 'Takes waiting extracts all the way to a new version of the register and a release.',
  example: 'dsr run --home deployment',
  options: jsonOption,
  async perform({ deployment, values }) {
    const isQuiet = values['json'] === true
    const result = await run(deployment, (step, line) => {
      if (!isQuiet) print(`${step.padEnd(16)} ${line}`)
    })
    if (isQuiet) printJson(result)
    else print(`version ${result.versionId}, release ${result.releaseId}`)
  },
}
