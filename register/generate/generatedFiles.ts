import { pseudonymisedTables } from '../pseudonymisedColumns.ts'
import { referenceTables } from '../referenceTables.ts'
import type { Dictionary } from '../readDictionary.ts'
import { derivedCodeLists } from './codeLists.ts'
import { dictionaryPage } from './dictionaryPage.ts'
import { readLists } from './readLists.ts'
import { rowTypes } from './rowTypes.ts'
import { settingsPage } from './settingsPage.ts'
import { sourcesYaml, stagingModel } from './stagingModels.ts'

/** Every committed file that follows from the dictionary and the settings: path from the project's root → text. */
export function generatedFiles(dictionary: Dictionary): ReadonlyMap<string, string> {
  const register = pseudonymisedTables(dictionary)
  const derived = derivedCodeLists(dictionary)
  const readList = readLists(derived)
  return new Map([
    ...derived,
    ['transform/models/staging/_sources.yml', sourcesYaml(register, referenceTables)],
    ...register.flatMap((table) => [...stagingModel('register', table)]),
    ...referenceTables.flatMap((table) => [...stagingModel('reference', table)]),
    ['register/generated/tables.ts', rowTypes(dictionary, readList)],
    ['docs/dictionary.md', dictionaryPage(dictionary, readList)],
    ['docs/settings.md', settingsPage()],
  ])
}
