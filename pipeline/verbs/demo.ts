import { existsSync } from 'node:fs'
import { makeDemo } from '../../demo/makeDemo.ts'
import { DsrError } from '../../register/errors.ts'
import { makeKeys } from '../../store/keys.ts'
import { print, type Verb } from '../verb.ts'

export const demo: Verb = {
  name: 'demo',
  summary: 'Makes a deployment with made-up agencies and people, and the truth that was planted in them.',
  example: 'dsr demo --home deployment --people 1200',
  options: {
    people: { type: 'string', meaning: 'how many people to invent, 50 to 1,000,000 (1200)' },
    seed: { type: 'string', meaning: 'the same seed gives the same people' },
    'if-missing': { type: 'boolean', meaning: 'do nothing where there is a deployment already' },
  },
  async perform({ deployment, values }) {
    if (existsSync(deployment.settingsFile)) {
      if (values['if-missing'] === true) return
      throw new DsrError(
        'input',
        `${deployment.home} is a deployment already.`,
        'Name another folder with --home, or remove this one.',
      )
    }
    const report = await makeDemo(deployment, { ...numberOption(values, 'people'), ...numberOption(values, 'seed') })
    makeKeys(deployment)
    print(`Made-up deployment in ${deployment.home}: ${JSON.stringify(report)}`)
  },
}

function numberOption<Name extends string>(
  values: Readonly<Record<string, unknown>>,
  name: Name,
): Partial<Record<Name, number>> {
  const text = values[name]
  if (text === undefined) return {}
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) {
    throw new DsrError('input', `--${name} takes a whole number.`, 'Run: dsr demo --help')
  }
  return { [name]: Number(text) } as Partial<Record<Name, number>>
}
