import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { orderedDates, plannedDates } from '../../ingest/checks.ts'
import { readContract, readContracts } from '../../ingest/readContracts.ts'
import { generatedFiles } from '../../ingest/writeGenerated.ts'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { makeDeployment, samples, smallContract, type TestDeployment } from './deployment.ts'

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
  it('of the samples are sound', () => {
    for (const feed of ['council', 'childrens_services'])
      expect(readContract(join(samples, `${feed}.yml`)).problems).toEqual([])
  })

  it('with several mistakes are told all of them at once, with the nearest names', () => {
    const wrong = smallContract
      .replace('basis: register_consent', 'basis: register_consent\nfotter: 1')
      .replace('surname', 'surname')
    expect(problems(wrong)).toMatch(/small\.yml, at the top: unknown key fotter; the nearest known one is \w+/)
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
    expect(problems(smallContract.replace('format: csv', 'format: xlsx'))).toContain('tables.people: name the sheet')
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
