import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpen, type OpenServer } from '../../dashboard/openServer.ts'
import { canaries } from '../../demo/world/canary.ts'
import { closedValues } from '../../pseudonymise/closedValues.ts'
import { decodeFile, decodePage, decodeText } from '../../pseudonymise/decodeFile.ts'
import { guardWarehouse, readWanted, scanOutput } from '../../pseudonymise/guard.ts'
import { messageFolders } from '../../pseudonymise/ownTexts.ts'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import type { Wanted } from '../../pseudonymise/scanText.ts'
import { wordsOf } from '../../pseudonymise/wordsOf.ts'
import { columnRules, releaseColumnRule } from '../../register/closedColumns.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { readDictionary, type Field } from '../../register/readDictionary.ts'
import { cubeNames } from '../../register/release.ts'
import { readSettings, versionFiles, type Deployment } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { openDuckDB, quoteName } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { dsr, servedDemo, whatServedDemoSaid } from '../pipeline/dsr.ts'
import { changeRegister, makeRegister, makeStep, type Row } from './makeRegister.ts'

/** Every value of every table and view of an attached database, as one text. */
async function contentOf(path: string, key?: Buffer): Promise<string> {
  // Views name the catalogue that they were made in.
  const alias = basename(path, '.duckdb')
  const database = await openDuckDB({ attach: [{ path, alias, readOnly: true, ...(key && { key }) }] })
  try {
    const tables = await database.connection.runAndReadAll(
      `select distinct schema_name, table_name from duckdb_columns() where database_name = '${alias}' and not internal`,
    )
    const parts: string[] = []
    for (const [schema, table] of tables.getRows()) {
      const from = `${alias}.${quoteName(String(schema))}.${quoteName(String(table))}`
      const rows = await database.connection.runAndReadAll(`select cast(all_of as varchar) from ${from} as all_of`)
      for (const row of rows.getRows()) parts.push(String(row))
    }
    return parts.join('\n')
  } finally {
    database.close()
  }
}

const folded = (text: string): string => ` ${wordsOf(text).join(' ')} `

describe('one person with a canary in each field that may not cross', () => {
  const fields = readDictionary().flatMap((table) =>
    table.fields.filter((field) => field.treatment !== 'keep').map((field) => ({ table: table.name, ...field })),
  )
  const values = new Map(fields.map((field, index) => [`${field.table}.${field.name}`, valueOf(field, index)]))
  let step: Step<'store' | 'pseudonym'>

  /** A value of the field's type that stands nowhere else. */
  function valueOf(field: Field, index: number): Row[string] {
    const word = `wexcombe${String.fromCharCode(97 + (index % 26))}${String.fromCharCode(97 + Math.floor(index / 26))}`
    switch (field.type) {
      case 'nhs_number':
        return '9990000026'
      case 'date':
        return `19${10 + (index % 80)}-02-03`
      case 'texts':
      case 'codes':
        return [word]
      case 'yes_no':
        return true
      case 'integer':
        return 70_000 + index
      default:
        return word
    }
  }

  beforeAll(async () => {
    step = makeStep()
    const rowOf = (table: string): Row => ({
      person_id: 'wexcombeperson',
      ...Object.fromEntries(
        [...values]
          .filter(([name]) => name.startsWith(`${table}.`))
          .map(([name, value]) => [name.slice(table.length + 1), value]),
      ),
    })
    const tables = readDictionary().map((table) => table.name)
    await makeRegister(step, {
      people: [rowOf('people')],
      rows: Object.fromEntries(tables.filter((name) => name !== 'people').map((name) => [name, [rowOf(name)]])),
    })
    await pseudonymise(step)
  })

  test('each is in the register, and none in the warehouse', async () => {
    const register = folded(await contentOf(versionFiles(step.versionFolder).register, step.keys.store))
    const warehouse = folded(await contentOf(versionFiles(step.versionFolder).warehouse))
    const telling = [...values].filter(([, value]) => value !== true)
    const stands = (text: string) => telling.filter(([, value]) => text.includes(folded(String(value))))
    expect(telling.length).toBeGreaterThan(40)
    expect(stands(register).map(([name]) => name)).toEqual(telling.map(([name]) => name))
    expect(stands(warehouse).map(([name]) => name)).toEqual([])
    expect(warehouse).not.toMatch(/wexcombe|9990000026/)
    expect((await guardWarehouse(step)).columns).toBeGreaterThan(100)
  })

  test('and none in the bytes of the file', () => {
    const { warehouse } = versionFiles(step.versionFolder)
    for (const path of [warehouse, `${warehouse}.wal`].filter(existsSync))
      expect(readFileSync(path).includes('wexcombe')).toBe(false)
  })

  test('nor in what an error says that the data causes', async () => {
    const spoilt = makeStep()
    await makeRegister(spoilt, { people: [{ person_id: 'wexcombeperson', given_name: 'Wexcombe' }] })
    await changeRegister(spoilt, async (connection) => {
      await connection.run('alter table register.main.people alter interpreter type varchar')
      await connection.run(`update register.main.people set interpreter = 'Wexcombe 9990000026'`)
    })
    const error = await pseudonymise(spoilt).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(`${String(error)} ${(error as Error).stack} ${String((error as Error).cause)}`).not.toMatch(
      /wexcombe|999000/i,
    )
  })
})

// What does not cross although its values are closed, each for a reason of its own: a line here is a decision.
test('fields of closed values that stay behind are these', () => {
  const closed = readDictionary().flatMap(({ name, fields }) =>
    fields
      .filter(
        ({ type, treatment }) => ['code', 'codes', 'date', 'integer', 'yes_no'].includes(type) && treatment !== 'keep',
      )
      .map((field) => `${name}.${field.name}`),
  )
  expect(closed).toEqual(['people.date_of_birth', 'people.gender_identity_code', 'people.address_sensitive'])
})

test('every text that a model declares has the list that closes it', () => {
  const rules = columnRules(readDictionary())
  const folder = join(projectRoot, 'transform/models')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yml'))
  const texts = files.flatMap((file) => {
    const { models = [] } = parse(readFileSync(join(folder, file), 'utf8')) as { models?: Model[] }
    const schema = file.split('/')[0] ?? ''
    return models.flatMap(({ name, columns = [] }) =>
      columns
        .filter((column) => /^(varchar|text|string)/i.test(column.data_type ?? ''))
        .map((column) => ({ schema, model: name, column: column.name })),
    )
  })
  const open = texts.filter(({ schema, model, column }) => rules(schema, model, column).kind !== 'closed')
  expect(texts.length).toBeGreaterThan(60)
  expect(open).toEqual([])
  const published = texts.filter(
    ({ schema, column }) => schema === 'published' && releaseColumnRule(column).kind !== 'closed',
  )
  expect(published).toEqual([])
})

// The lists of the published cells: a line here is a decision, for whatever one of these lists holds may be published.
test('what a published text may be', () => {
  const published = columnRules(readDictionary())
  const names = ['place_kind', 'place', 'rating', 'measure', 'theme_code', 'service_code', 'service_family']
  const lists = [...names, 'unavailable_reason', 'state'].map((name) => {
    const rules = [published('published', 'pub_any', name), releaseColumnRule(name)]
    return [name, rules.map((rule) => (rule.kind === 'closed' ? rule.lists.join(' ') : rule.kind))]
  })
  const twice = (text: string): string[] => [text, text]
  expect(Object.fromEntries(lists)).toEqual({
    place_kind: twice('place_kinds'),
    place: twice('places'),
    rating: twice('ratings all'),
    measure: twice('measures'),
    theme_code: twice('themes'),
    service_code: twice('services'),
    service_family: twice('service_families'),
    unavailable_reason: twice('unavailable_reasons'),
    state: twice('cell_states'),
  })
})

interface Model {
  readonly name: string
  readonly columns?: readonly { readonly name: string; readonly data_type?: string }[]
}

describe('the demo, run and served', () => {
  let deployment: Deployment
  let step: Step<'store'>
  let register: string
  let wanted: Wanted
  let server: OpenServer
  const logged: string[] = []
  /** Every value of every canary that this demo holds. */
  let values: readonly string[]

  beforeAll(async () => {
    deployment = await servedDemo(120)
    const versionFolder = currentVersion(deployment) ?? ''
    step = {
      deployment,
      settings: readSettings(deployment),
      asOf: '2026-11-01',
      keys: { store: readKey(deployment, 'store') },
      versionFolder,
      report: () => undefined,
    }
    register = folded(await contentOf(versionFiles(versionFolder).register, step.keys.store))
    wanted = (await readWanted(step, messageFolders)).wanted
    values = canaries
      .filter(({ familyName }) => register.includes(folded(familyName)))
      .flatMap((canary) => Object.values<string>({ ...canary }))
    const log = (fields: object): void => void logged.push(JSON.stringify(fields))
    server = await startOpen({ deployment, port: 0, log: { info: log, error: log } })
  })

  afterAll(() => server.stop())

  /** Nothing of a canary, and nothing of anyone else. */
  function expectNobody(place: string, text: string): void {
    const words = folded(text)
    expect([place, values.filter((value) => words.includes(folded(value)))]).toEqual([place, []])
    expect([place, scanOutput(text, wanted)]).toEqual([place, []])
  }

  test('the register holds each value of its canaries, so that one that got out would be known', () => {
    expect(values.length).toBeGreaterThanOrEqual(9)
    expect(values.filter((value) => !register.includes(folded(value)))).toEqual([])
    expect(scanOutput(values.join('\n'), wanted).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['name', 'telephone', 'e-mail', 'address']),
    )
  })

  test('the warehouse holds none', async () => {
    const words = folded(await contentOf(versionFiles(step.versionFolder).warehouse))
    expect(words.length).toBeGreaterThan(100_000)
    expect(values.filter((value) => words.includes(folded(value)))).toEqual([])
  })

  test('no file of the releases and of the work folder holds any', () => {
    const folders = [deployment.releases, deployment.work]
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
    )
    expect(files.length).toBeGreaterThan(100)
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name)
      expectNobody(relative(deployment.home, path), decodeFile(path))
    }
  })

  test('nor does what the run said, or what the verbs say that never show a value', () => {
    expect(whatServedDemoSaid(120)).toMatch(/pseudonymise +started/)
    expectNobody('run', decodeText(whatServedDemoSaid(120)))
    for (const verb of [['check'], ['status'], ['quarantine', '--json'], ['verify']]) {
      const { out, err } = dsr(deployment, ...verb)
      expect([verb, out.length + err.length > 20]).toEqual([verb, true])
      expectNobody(verb.join(' '), decodeText(`${out}\n${err}`))
    }
  })

  test('nor does any open page, file or answer, or the log of serving them', async () => {
    const filters = ['', '?place=QF7', '?place=QOQ', '?place=all']
    const pages = ['/overview', '/reviews', '/themes', '/gaps'].flatMap((page) =>
      filters.map((filter) => page + filter),
    )
    const files = cubeNames.flatMap((cube) => [`/files/${cube}.csv`, `/files/${cube}.arrow`])
    const answers = [
      '/nowhere',
      '/overview?name=x',
      '/worklist',
      `/cases/${canaries[0]?.familyName}`,
      `/themes?theme=${encodeURIComponent(canaries[0]?.email ?? '')}`,
    ]
    for (const path of ['/', '/method', ...pages, ...files, '/files/release.json', ...answers]) {
      const answer = await fetch(server.url + path, { redirect: 'manual' })
      const bytes = Buffer.from(await answer.arrayBuffer())
      const isPage = (answer.headers.get('content-type') ?? '').includes('html')
      const text = isPage ? decodePage(bytes.toString('utf8')) : decodeFile(path, bytes)
      expect(text.length).toBeGreaterThan(10)
      expectNobody(path, `${JSON.stringify([...answer.headers])}\n${text}`)
    }
    expect(logged.length).toBeGreaterThan(20)
    expectNobody('log', decodeText(logged.join('\n')))
  })

  test('and the closed lists of this deployment name nobody', () => {
    const names = ['feeds', 'setting_names', 'setting_values', 'list_names']
    for (const [list, texts] of closedValues(step)) if (names.includes(list)) expectNobody(list, [...texts].join('\n'))
    expect(currentRelease(deployment)).not.toBeNull()
  })
})
