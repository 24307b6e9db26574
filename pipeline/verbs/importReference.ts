import { importPostcodes } from '../../pseudonymise/importPostcodes.ts'
import { DsrError } from '../../register/errors.ts'
import { geographyKinds, importGeography, type GeographyKind } from '../../register/geography/importGeography.ts'
import { readSettings } from '../../store/deployment.ts'
import { print, type Verb } from '../verb.ts'

const kinds: readonly string[] = [...geographyKinds, 'postcodes']

export const importReference: Verb = {
  name: 'import-reference',
  summary: 'Takes a national file of the ONS into the deployment: LSOA look-up, populations, or postcodes.',
  example: 'dsr import-reference lsoas lsoa21_lookup.csv',
  arguments: `${kinds.join('|')} FILE`,
  options: {},
  async perform({ deployment, positionals }) {
    readSettings(deployment)
    const [kind = '', file] = positionals
    if (!kinds.includes(kind) || file === undefined) {
      throw new DsrError(
        'input',
        `Say what the file is (${kinds.join(', ')}) and where.`,
        `For example: ${this.example}`,
      )
    }
    if (!isGeography(kind)) {
      const { rows, elsewhere } = await importPostcodes(deployment.reference, file)
      return print(`${rows} postcodes imported, ${elsewhere} outside England left out; the next run uses them.`)
    }
    const { rows } = importGeography(deployment.reference, file, kind)
    print(`${rows} rows imported; the next run uses them.`)
  },
}

function isGeography(text: string): text is GeographyKind {
  return (geographyKinds as readonly string[]).includes(text)
}
