import { DsrError } from '../../register/errors.ts'
import { geographyKinds, importGeography, type GeographyKind } from '../../register/geography/importGeography.ts'
import { readSettings } from '../../store/deployment.ts'
import { print, type Verb } from '../verb.ts'

export const importReference: Verb = {
  name: 'import-reference',
  summary: 'Takes the full national LSOA look-up or population table of the ONS into the deployment.',
  example: 'dsr import-reference lsoas lsoa21_lookup.csv',
  arguments: `${geographyKinds.join('|')} FILE`,
  options: {},
  async perform({ deployment, positionals }) {
    readSettings(deployment)
    const [kind = '', file] = positionals
    if (!isKind(kind) || file === undefined) {
      throw new DsrError(
        'input',
        `Say what the file is (${geographyKinds.join(' or ')}) and where.`,
        `For example: ${this.example}`,
      )
    }
    const { rows } = importGeography(deployment.reference, file, kind)
    print(`${rows} rows imported; the next run uses them.`)
  },
}

function isKind(text: string): text is GeographyKind {
  return (geographyKinds as readonly string[]).includes(text)
}
