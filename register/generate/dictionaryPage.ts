import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectRoot } from '../projectRoot.ts'
import type { Dictionary, Field, Table } from '../readDictionary.ts'
import { markdownTable } from './markdownTable.ts'
import type { ReadList } from './readLists.ts'

const indexSchema = z.record(
  z.string(),
  z.strictObject({ title: z.string(), source: z.string(), licence: z.string(), ours: z.boolean() }),
)

export type CodeListIndex = Readonly<z.infer<typeof indexSchema>>

/** `register/codes/index.yml`: title, source and licence of each code list. */
export function readCodeListIndex(): CodeListIndex {
  return indexSchema.parse(parse(readFileSync(join(projectRoot, 'register/codes/index.yml'), 'utf8')))
}

const treatmentWords: Readonly<Record<Field['treatment'], string>> = {
  keep: 'kept',
  drop: 'dropped',
  pseudonym: 'becomes the pseudonym',
  age_band: 'becomes the age band at the event',
  place: 'becomes ICB, council and deprivation fifth',
  theme: 'dropped; themes found in it are kept',
  strategy: 'dropped; strategies found in it are kept',
  role: 'becomes a role of the closed list',
}

/** `docs/dictionary.md`: every table and field, then every code list with its source. */
export function dictionaryPage(dictionary: Dictionary, readList: ReadList): string {
  const parts = [
    '# What the register holds',
    'Generated from `register/dictionary` and `register/codes`: change those, then run `make generate`.',
    'A column that is not declared here never passes. _Identifies_ says how identifying a field is; _pseudonymise_ says what becomes of it.',
    ...dictionary.map(tablePart),
    '## Code lists',
    'Contains public sector information licensed under the Open Government Licence v3.0.',
    codeListTable(readCodeListIndex(), readList),
  ]
  return `${parts.join('\n\n')}\n`
}

function tablePart(table: Table): string {
  const rows = table.fields.map((field) => [
    `\`${field.name}\`${field.required ? ' (required)' : ''}`,
    field.meaning,
    field.codes === undefined ? field.type : `${field.type}: ${field.codes}`,
    field.identifies,
    treatmentWords[field.treatment],
  ])
  return [
    `## ${table.name}`,
    table.meaning,
    markdownTable(['field', 'meaning', 'type', 'identifies', 'pseudonymise'], rows),
  ].join('\n\n')
}

function codeListTable(index: CodeListIndex, readList: ReadList): string {
  const rows = Object.entries(index).map(([name, { title, source, licence, ours }]) => [
    `\`${name}\``,
    title,
    String(readList(name).length),
    source,
    licence,
    ours ? 'ours' : 'of the source',
  ])
  return markdownTable(['list', 'title', 'codes', 'source', 'licence', 'who made the codes'], rows)
}
