import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { checkSettings } from '../../register/settings.ts'
import { makeKeys } from '../../store/keys.ts'
import { print, type Verb } from '../verb.ts'

export const init: Verb = {
  name: 'init',
  summary: 'Makes an empty deployment: settings, keys, and folders for contracts and extracts.',
  example: 'dsr init --home /srv/dsr --icbs QOQ,QF7',
  options: {
    icbs: {
      type: 'string',
      meaning: 'ODS codes of the ICBs whose register this is, with commas between (register/codes/icbs.csv)',
    },
  },
  async perform({ deployment, values }) {
    if (existsSync(deployment.settingsFile)) {
      throw new DsrError('input', `${deployment.home} is a deployment already.`, 'Name another folder with --home.')
    }
    const given = typeof values['icbs'] === 'string' ? values['icbs'].split(',') : []
    const icbs = given.map((code) => code.trim().toUpperCase()).filter((code) => code !== '')
    if (icbs.length === 0)
      throw new DsrError('input', 'Say whose register this is.', 'For example: dsr init --icbs QOQ')
    checkSettings({ icbs }, '--icbs')
    for (const folder of [deployment.home, deployment.sources, deployment.extracts])
      mkdirSync(folder, { recursive: true })
    writeFileSync(
      deployment.settingsFile,
      `# Every setting and its default: docs/settings.md\nicbs: [${icbs.join(', ')}]\nas_of: today\n`,
    )
    makeKeys(deployment)
    print(`Deployment made in ${deployment.home}.`)
    print('Next: write one contract per agency extract in sources/ (docs/contracts.md), put the files into')
    print('extracts/<feed>/, then run: dsr check, dsr run, dsr serve, each with the same --home or with DSR_HOME set.')
    print('Keep a copy of secrets/ apart from the data.')
  },
}
