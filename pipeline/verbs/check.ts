import { checkContracts } from '../../ingest/check.ts'
import { DsrError } from '../../register/errors.ts'
import { readSettings } from '../../store/deployment.ts'
import { strayFiles, strayRemedy } from '../strayFiles.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const check: Verb = {
  name: 'check',
  summary: 'Holds the contracts against the waiting files and says everything that does not fit; writes nothing.',
  example: 'dsr check --home /srv/dsr',
  options: jsonOption,
  async perform({ deployment, values }) {
    const settings = readSettings(deployment)
    const strays = strayFiles(deployment).map((file) => ({
      feed: '',
      file,
      problems: [strayRemedy],
      tallies: [],
      faults: [],
    }))
    const files = [...(await checkContracts(deployment, settings)), ...strays]
    if (values['json'] === true) printJson(files)
    else if (files.length === 0)
      print(`No file waits in ${deployment.extracts}. Put each one into the folder that its contract names.`)
    for (const { feed, file, problems, tallies, faults } of values['json'] === true ? [] : files) {
      print(feed === '' ? file : `${feed}  ${file}`)
      for (const problem of problems) print(`  ${problem.replace(`${feed}, ${file}: `, '')}`)
      for (const { sheet, read, accepted, quarantined, duplicates } of tallies) {
        const where = sheet ? `${sheet}: ` : ''
        print(`  ${where}${read} read = ${accepted} accepted + ${quarantined} quarantined + ${duplicates} duplicates`)
      }
      for (const fault of faults) {
        print(
          `  ${fault.records} × ${fault.column || 'whole row'}: ${fault.sentence} (${fault.severity}) ${fault.remedy}`,
        )
      }
    }
    const unfit = files.filter((file) => file.problems.length > 0).length
    if (unfit > 0)
      throw new DsrError(
        'input',
        `${unfit} of ${files.length} ${files.length === 1 ? 'file' : 'files'} would not be taken.`,
        'Put the contract or the file right as said above, then run dsr check again.',
      )
  },
}
