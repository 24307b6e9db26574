import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { orderedDates, plannedDates } from '../../ingest/checks.ts'
import { contractJsonSchema } from '../../ingest/contract.ts'
import { knownKeys } from '../../ingest/explainIssue.ts'
import { readContract, readContracts } from '../../ingest/readContracts.ts'
import { generatedFiles } from '../../ingest/writeGenerated.ts'
import { DsrError } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { makeDeployment, samples, smallContract, type TestDeployment } from './deployment.ts'

/** The small contract without its consents and reviews: few lines to count. */
const plainContract = smallContract
  .replace(/^ {2}consents:[^]*?(?=^ {2}ratings:)/m, '')
  .replace(/^ {2}reviews:[^]*$/m, '')

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
})
afterEach(() => made.remove())

function problems(yaml: string, file = 'small.yml'): string {
  const path = join(made.deployment.sources, file)
  writeFileSync(path, yaml)
  return readContract(path).problems.join('\n')
}

describe('contracts', () => {
  it('of the samples and of the demo are sound', () => {
    for (const folder of [samples, join(projectRoot, 'demo/sources')]) {
      const files = readdirSync(folder).filter((file) => file.endsWith('.yml'))
      expect(files.flatMap((file) => readContract(join(folder, file)).problems)).toEqual([])
    }
  })

  it('with several mistakes are told all of them at once, with the nearest names', () => {
    expect(problems(smallContract.replace('basis: register_consent', 'basis: register_consent\ntabels: 1'))).toContain(
      'sources/small.yml, line 5, at the top: unknown key tabels; the nearest known one is tables',
    )
    const said = problems(
      smallContract
        .replace('family_name: Surname', 'familly_name: Surname')
        .replace("'Yes': K01", "'Yes': K001")
        .replace('kind: A02', 'kind: A2')
        .replace('feed: small', 'feed: other'),
    )
    expect(said).toContain('tables.people.fields.familly_name: unknown field; the nearest known one is family_name')
    expect(said).toContain(
      'tables.consents.fields.basis: code K001 is not in the list consent_bases; the nearest known one is K01',
    )
    expect(said).toContain('agency.kind: not a kind of agency; the nearest known one is A02')
    expect(said).toContain('feed: the name has to be that of the file, small')
  })

  it('name a table, a key and a date form that do not exist', () => {
    expect(problems(smallContract.replace('  ratings:', '  rattings:'))).toMatch(
      /rattings.*nearest known one is ratings/s,
    )
    expect(problems(smallContract.replace('rating: Colour', 'rating: { colum: Colour }'))).toMatch(
      /fields\.rating.*unknown key colum; the nearest known one is column/,
    )
    expect(problems(smallContract.replace('%d/%m/%Y', 'dd/mm/yyyy'))).toContain('expected a form like %d/%m/%Y')
    expect(problems('feed: [')).toContain('this is not YAML')
  })

  it('have to map people, and to name the sheet of a workbook', () => {
    expect(problems(smallContract.replace('  people:', '  safety:'))).toContain('people has to be mapped')
    expect(problems(smallContract.replace('format: csv', 'format: xlsx'))).toContain(
      'tables: name the sheet of people, consents, ratings, reviews',
    )
  })

  it.each([
    [
      'a missing key with an example',
      /^from:.*\n/m,
      '',
      ["from: is missing; for example from: { folder: extracts/council, files: '*.csv' }"],
    ],
    [
      'a misspelt key once',
      'basis:',
      'bassis:',
      ['line 4, at the top: unknown key bassis; the nearest known one is basis'],
    ],
    [
      'a misspelt word',
      'register_consent',
      'register_concent',
      ['line 4, basis: expected one of register_consent, inpatient_commissioning; the nearest is register_consent'],
    ],
    [
      'a key of delivered_on',
      'value: 2026',
      'valeu: 2026',
      ['line 6, delivered_on: unknown key valeu; the nearest known one is value'],
    ],
    ['a key of from', 'folder:', 'fodler:', ['line 5, from: unknown key fodler; the nearest known one is folder']],
    [
      'a bracket that is never closed',
      "'*.csv' }",
      "'*.csv'",
      [
        'line 6: this is not YAML; look there and in the line above at the indentation and for a missing quote or bracket.',
      ],
    ],
    [
      'a key that stands twice',
      'tables:',
      'feed: small\ntables:',
      ['line 9: a key stands twice at the same place; keep one of them.'],
    ],
    [
      'a field that every row needs',
      '      family_name: Surname\n',
      '',
      ['line 11, tables.people.fields: family_name has to be mapped'],
    ],
    [
      'a sheet once',
      /^ {4}fields:/gm,
      '    sheet: One\n    fields:',
      ['line 9, tables: a sheet is only for xlsx and postgres; take it out of people, ratings, or correct read.format'],
    ],
    [
      'a field without anything',
      'family_name: Surname',
      'family_name:',
      ['line 14, tables.people.fields.family_name: expected the name of a column, or keys in braces'],
    ],
  ])('are told %s, with the line', (_, from, to, expected) => {
    const told = problems(plainContract.replace(from, to)).split('\n')
    expect(told).toEqual(expected.map((line) => `sources/small.yml, ${line}`))
  })

  it('with a kind that is near none list them all', () => {
    expect(problems(smallContract.replace('kind: A02', 'kind: council'))).toMatch(
      /agency\.kind: not a kind of agency; give one of A01 \(Integrated care board\), A02 \(Council adult social care\)/,
    )
  })

  it('that hold nothing say how to begin', () => {
    expect(problems('')).toContain('the file is empty; dsr init --from FILE drafts one.')
    expect(problems('- a\n')).toContain('at the top: expected keys and values, like { key: value }')
  })

  it('know every key of the schema, and describe each place', () => {
    interface Schema {
      readonly properties?: Readonly<Record<string, Schema>>
      readonly anyOf?: readonly Schema[]
      readonly additionalProperties?: Schema
      readonly description?: string
    }
    const schema = JSON.parse(contractJsonSchema()) as Schema
    const keysOf = (place: Schema | undefined): readonly string[] =>
      [...(place?.anyOf ?? []), ...(place ? [place] : [])].flatMap((way) => Object.keys(way.properties ?? {}))
    const block = schema.properties?.['tables']?.additionalProperties
    const field = block?.anyOf?.[0]?.properties?.['fields']?.additionalProperties
    const places = {
      ...schema.properties,
      block,
      field,
      split: block?.anyOf?.[0]?.properties?.['split'],
      where: block?.anyOf?.[0]?.properties?.['where'],
    }
    for (const name of [
      'agency',
      'from',
      'delivered_on',
      'read',
      'limits',
      'block',
      'field',
      'split',
      'where',
    ] as const) {
      expect([...new Set(keysOf((places as Readonly<Record<string, Schema>>)[name]))].sort()).toEqual(
        [...knownKeys[name]].sort(),
      )
    }
    expect(
      Object.entries(schema.properties ?? {})
        .filter(([, { description }]) => description === undefined)
        .map(([name]) => name),
    ).toEqual([])
  })

  it('that are missing stop with a remedy', () => {
    expect(() => readContracts(made.deployment)).toThrow(DsrError)
  })

  it('have a schema for editors, and checks a code list, that are current', () => {
    const meaning = (path: string, text: string): unknown => (path.endsWith('.json') ? JSON.parse(text) : text)
    const stale = generatedFiles().filter(
      ({ path, content }) => !isDeepStrictEqual(meaning(path, readFileSync(path, 'utf8')), meaning(path, content)),
    )
    expect(stale.map(({ path }) => path)).toEqual([])
  })
})

describe('the rules on dates', () => {
  const fields = new Set(
    readDictionary().flatMap((table) =>
      table.fields.filter((field) => field.type === 'date').map((field) => `${table.name}.${field.name}`),
    ),
  )

  it('name fields that the dictionary has', () => {
    for (const name of plannedDates) expect(fields).toContain(name)
    for (const { table, earlier, later } of orderedDates) {
      expect(fields).toContain(`${table}.${earlier}`)
      expect(fields).toContain(`${table}.${later}`)
    }
  })
})
