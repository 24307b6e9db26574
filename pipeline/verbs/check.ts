import { checkContracts, type CheckedFile } from '../../ingest/check.ts'
import { countMarks } from '../../ingest/draft/countMarks.ts'
import { DsrError } from '../../register/errors.ts'
import { readSettings, type Deployment } from '../../store/deployment.ts'
import { strayFiles, strayRemedy } from '../strayFiles.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const check: Verb = {
  name: 'check',
  summary: 'Holds the contracts against the waiting files and says everything that does not fit; writes nothing.',
  example: 'dsr check --home /srv/dsr',
  options: jsonOption,
  async perform({ deployment, values }) {
    const settings = readSettings(deployment)
    const files = [...(await checkContracts(deployment, settings)), ...strays(deployment)]
    if (values['json'] === true) printJson(files)
    else printFiles(deployment, files)
    const unfit = files.filter((file) => file.problems.length > 0).length
    if (unfit > 0)
      throw new DsrError(
        'input',
        `${unfit} of ${files.length} ${files.length === 1 ? 'file' : 'files'} would not be taken.`,
        'Put the contract or the file right as said above, then run dsr check again.',
      )
  },
}

function strays(deployment: Deployment): readonly CheckedFile[] {
  return strayFiles(deployment).map((file) => ({ feed: '', file, problems: [strayRemedy], tallies: [], faults: [] }))
}

function printFiles(deployment: Deployment, files: readonly CheckedFile[]): void {
  if (files.length === 0)
    print(`No file waits in ${deployment.extracts}. Put each one into the folder that its contract names.`)
  for (const file of files) printFile(file)
  for (const { contract, marks } of countMarks(deployment))
    print(
      `${contract}: ${marks} ${marks === 1 ? 'line is' : 'lines are'} still marked # ? by the draft. Look at each, then take its mark away.`,
    )
}

function printFile({ feed, file, problems, tallies, faults }: CheckedFile): void {
  print(feed === '' ? file : `${feed}  ${file}`)
  for (const problem of problems) print(`  ${problem.replace(`${feed}, ${file}: `, '')}`)
  for (const { sheet, read, accepted, quarantined, duplicates } of tallies) {
    const where = sheet ? `${sheet}: ` : ''
    print(`  ${where}${read} read = ${accepted} accepted + ${quarantined} quarantined + ${duplicates} duplicates`)
  }
  for (const { records, column, sentence, severity, remedy, sheet, firstRow } of faults) {
    const where = sheet === '' ? '' : ` of sheet ${sheet}`
    print(
      `  ${records} × ${column || 'whole row'}: ${sentence} (${severity}, first in row ${firstRow}${where}) ${remedy}`,
    )
  }
}
