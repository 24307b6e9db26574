import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cubes } from '../../publish/cubes.ts'
import { DsrError } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { pseudonymisedTables, type ColumnClass } from '../../register/pseudonymisedColumns.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import { checkLineage } from '../../transform/checkLineage.ts'
import { runDbt } from '../../transform/runDbt.ts'

/** What is read here of dbt's manifest. */
interface Manifest {
  readonly nodes: Readonly<Record<string, Node>>
}

interface Node {
  readonly name: string
  readonly schema: string
  readonly resource_type: string
  readonly columns: Readonly<Record<string, unknown>>
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dsr-lineage-'))
}

/** What the check says of the manifest in `work`: nothing when it passes, else its message and remedy. */
async function complaintOf(work: string): Promise<string> {
  try {
    await checkLineage(work)
    return ''
  } catch (error) {
    if (!(error instanceof DsrError)) throw error
    expect(error.kind).toBe('leak')
    return `${error.message}\n${error.remedy}`
  }
}

describe('our own models', () => {
  const work = temporaryFolder()
  let models: readonly Node[]

  beforeAll(async () => {
    const warehouse = join(temporaryFolder(), 'warehouse.duckdb')
    const command = ['compile', '--select', 'resource_type:model']
    const progress = (): void => undefined
    const { isDone } = await runDbt({ warehouse, work, command, progress })
    expect(isDone).toBe(true)
    const { nodes } = JSON.parse(readFileSync(join(work, 'manifest.json'), 'utf8')) as Manifest
    models = Object.values(nodes).filter((node) => node.resource_type === 'model')
  })

  test('publish no column that tells something of one person', async () => {
    expect(await complaintOf(work)).toBe('')
    const published = models.filter((model) => model.schema === 'published')
    expect(await checkLineage(work)).toBe(published.flatMap((model) => Object.keys(model.columns)).length)
  })

  test('of schema published are all that a release is made of, beside the data cuts of the feeds', () => {
    const published = models.filter((model) => model.schema === 'published').map((model) => model.name)
    expect(published).toEqual(expect.arrayContaining(cubes.map((cube) => cube.model)))
    const texts = readdirSync(join(projectRoot, 'publish')).map((file) =>
      readFileSync(join(projectRoot, 'publish', file), 'utf8'),
    )
    const read = texts.flatMap((text) => [...text.matchAll(/warehouse\.(\w+)\.(\w*)/g)].map(([whole]) => whole))
    expect(read.sort()).toEqual(['warehouse.published.', 'warehouse.register.feeds'])
  })
})

describe('the class of a column of the pseudonymised register', () => {
  const tables = pseudonymisedTables(readDictionary())
  const classes = new Map(
    tables.flatMap((table) => table.columns.map((column) => [`${table.name}.${column.name}`, column.class])),
  )
  const classOf = { direct: 'direct', text: 'text', indirect: 'quasi', criminal: 'quasi', no: 'none' } as const

  test.each(readDictionary())('of $name is that of the field that is kept; every day is one', ({ name, fields }) => {
    for (const field of fields.filter(({ treatment }) => treatment === 'keep')) {
      const expected = field.identifies === 'no' && field.type === 'date' ? 'day' : classOf[field.identifies]
      expect([field.name, classes.get(`${name}.${field.name}`)]).toEqual([field.name, expected])
    }
  })

  test('is key where it stands for a person or a record, none where a treatment made it', () => {
    const ofClass = (wanted: ColumnClass): readonly string[] => [
      ...new Set([...classes].filter(([, found]) => found === wanted).map(([name]) => name.replace(/^.*\./, ''))),
    ]
    expect(ofClass('key')).toEqual(['row_id', 'pseudonym', 'record_key', 'from_row_id'])
    expect(ofClass('none')).toEqual(
      expect.arrayContaining(['age_band', 'residence_icb_ods', 'deprivation_quintile', 'role_code', 'coder_version']),
    )
    expect([...ofClass('direct'), ...ofClass('text')]).toEqual([])
  })
})

const sources: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  people: {
    pseudonym: 'key',
    ethnic_code: 'quasi',
    has_ehcp: 'quasi',
    died_on: 'quasi',
    age_band: 'none',
    icb: 'none',
    reasons: 'quasi',
  },
  reviews: { pseudonym: 'key', held_on: 'day', is_late: 'none', distance_km: 'quasi' },
}

/**
 * The folder of a manifest as dbt writes it. `{name}` in the SQL stands for a source or a model; models whose name begins
 * with pub_ are published.
 */
function makeManifest(
  models: Readonly<Record<string, string>>,
  more: { readonly sources?: typeof sources; readonly config?: object } = {},
): string {
  const known = more.sources ?? sources
  const schemaOf = (name: string): string =>
    name in known ? 'register' : name.startsWith('pub_') ? 'published' : 'marts'
  const node = (name: string): object => ({
    name,
    database: 'warehouse',
    schema: schemaOf(name),
    relation_name: `"warehouse"."${schemaOf(name)}"."${name}"`,
  })
  const manifest = {
    sources: Object.fromEntries(
      Object.entries(known).map(([name, columns]) => {
        const declared = Object.entries(columns).map(([column, kind]) => [
          column,
          { config: { meta: { class: kind } } },
        ])
        return [`source.${name}`, { ...node(name), columns: Object.fromEntries(declared) }]
      }),
    ),
    nodes: Object.fromEntries(
      Object.entries(models).map(([name, sql]) => [
        `model.${name}`,
        {
          ...node(name),
          resource_type: 'model',
          original_file_path: `models/${name}.sql`,
          config: { materialized: 'table', 'pre-hook': [], 'post-hook': [], ...more.config },
          depends_on: { nodes: [...sql.matchAll(/\{(\w+)\}/g)].map(([, read = '']) => `model.${read}`) },
          compiled_code: sql.replace(/\{(\w+)\}/g, (_, read: string) => `"warehouse"."${schemaOf(read)}"."${read}"`),
        },
      ]),
    ),
  }
  const work = temporaryFolder()
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest))
  return work
}

describe('a published column', () => {
  test('that carries one person’s value is stopped with its way from the source', async () => {
    const work = makeManifest({
      pub_last_reviews:
        'with latest as (select * from {last_reviews}) select icb, max(last_on) as at from latest group by icb',
      stg_reviews: 'select pseudonym, held_on from {reviews}',
      last_reviews: `select people.icb, stg_reviews.held_on as last_on
        from {people} as people join {stg_reviews} as stg_reviews on stg_reviews.pseudonym = people.pseudonym`,
    })
    expect(await complaintOf(work)).toBe(
      `published.pub_last_reviews.at tells a day in one person's life:
    through max(latest.last_on)
  <- marts.last_reviews.last_on
  <- marts.stg_reviews.held_on
  <- register.reviews.held_on (day)
Count, average or band it, or take it out (docs/pseudonymisation.md), then run: dsr run`,
    )
  })

  // Each gives one column: SQL, from people unless it says so.
  const told: readonly (readonly [string, string])[] = [
    ['a kept field that identifies indirectly', 'select ethnic_code from {people}'],
    ['a pseudonym', 'select pseudonym from {people}'],
    ['through select *', 'select * exclude (pseudonym, has_ehcp, died_on, age_band, icb, reasons) from {people}'],
    [
      'through two steps and a union',
      'with a as (select age_band as b from {people} union all select ethnic_code from {people}) select b from a',
    ],
    ['through min', 'select min(held_on) as at from {reviews}'],
    ['through mode', 'select mode(ethnic_code) as code from {people}'],
    ['through the quantile at 1, which is the maximum', 'select quantile_cont(distance_km, 1) as far from {reviews}'],
    ['through one value of many', 'select any_value(ethnic_code) as code from {people}'],
    ['through a list', 'select list(distinct ethnic_code) as codes from {people}'],
    ['through text put together', `select string_agg(held_on::varchar, ', ') as days from {reviews}`],
    [
      'through a structure and a field of it',
      'select packed.at from (select struct_pack(at := held_on, l := is_late) as packed from {reviews}) as packs',
    ],
    ['through a map and a row', `select map(['at'], [row(held_on)]) as m from {reviews}`],
    ['through unnest', 'select reason from {people} as people, unnest(people.reasons) as reasons(reason)'],
    [
      'through a lateral',
      'select days.at from {reviews} as reviews, lateral (select reviews.held_on + 1 as at) as days',
    ],
    ['through a subquery', 'select (select max(held_on) from {reviews}) as at from {people}'],
    ['through a function nobody named', `select hash(pseudonym) as h from {people}`],
    ['through a lambda', 'select list_transform(reasons, lambda reason: upper(reason)) as r from {people}'],
    ['through a window', 'select lag(held_on) over (order by held_on) as at from {reviews}'],
    [
      'through an average along a window',
      'select avg(distance_km) over (order by held_on rows current row) as far from {reviews}',
    ],
    ['as a result of a case', `select case when is_late then held_on end as at from {reviews}`],
    ['as the week it was in', `select date_trunc('week', held_on) as week from {reviews}`],
    ['a death’s month: the field itself identifies', `select date_trunc('month', died_on) as month from {people}`],
    ['a sum that one person can be most of', 'select sum(distance_km) as far from {reviews}'],
    ['an average of keys', 'select avg(pseudonym::bigint) as k from {people}'],
    ['a count for each person', 'select count(*) as n from {reviews} group by pseudonym'],
    [
      'the same by group by all',
      'select n from (select pseudonym, count(*) as n from {reviews} group by all) as counted',
    ],
    [
      'a count asked for each person',
      'select (select count(*) from {reviews} as r where r.pseudonym = p.pseudonym) as n from {people} as p',
    ],
    [
      'a count along a window',
      'select count(*) over of_person as n from {reviews} window of_person as (partition by pseudonym)',
    ],
    [
      'the most of such counts',
      'select max(n) as n from (select count(*) as n from {reviews} group by pseudonym) as c',
    ],
  ]

  const clean: readonly (readonly [string, string])[] = [
    ['a count', 'select count(*) as n from {people}'],
    ['a count of different people', 'select count(distinct pseudonym) as n from {people} group by icb'],
    ['a count with a condition', `select count(*) filter (where ethnic_code = 'A') as n from {people}`],
    ['a treated value', 'select distinct age_band from {people}'],
    ['a band', `select case when distance_km < 20 then 'near' else 'far' end as band from {reviews}`],
    ['a comparison', `select distinct held_on < date '2026-10-01' as is_old from {reviews}`],
    ['the month of an event', `select date_trunc('month', held_on) as month, count(*) as n from {reviews} group by 1`],
    ['an average', 'select round(avg(distance_km), 1) as far from {reviews}'],
    ['a median of days waited', `select median(date_diff('day', held_on, date '2026-10-01')) as wait from {reviews}`],
    ['a quantile between', 'select quantile_cont(distance_km, 0.75) as far from {reviews}'],
    ['a sum of yes and no', 'select sum(case when has_ehcp then 1 else 0 end) as n from {people}'],
    [
      'a sum of counts for each person',
      'select sum(n) as n from (select count(*) as n from {reviews} group by pseudonym) as c',
    ],
    ['a share of a whole', 'select count(*) / sum(count(*)) over () as share from {people} group by icb'],
    [
      'what keys only choose',
      'select p.icb from {people} as p join {reviews} as r on r.pseudonym = p.pseudonym where r.distance_km > 9',
    ],
  ]
  let said: string

  beforeAll(async () => {
    const models = [...told, ...clean].map(([, sql], at) => [`pub_${at}`, sql] as const)
    said = await complaintOf(makeManifest(Object.fromEntries(models)))
  })

  test.each(told.map(([what], at) => [what, at] as const))('does not tell %s', (_what, at) => {
    expect(said).toMatch(new RegExp(`^published\\.pub_${at}\\.\\w+ tells `, 'm'))
  })

  test.each(clean.map(([what], at) => [what, at + told.length] as const))('may tell %s', (_what, at) => {
    expect(said).not.toMatch(new RegExp(`^published\\.pub_${at}\\.`, 'm'))
  })
})

describe('what cannot be followed stops the build', () => {
  test.each([
    ['SQL that cannot be parsed', 'select age_band from from {people}'],
    ['a statement that is no query', 'summarize {people}'],
    ['two statements', 'select age_band from {people}; select 1 as one'],
    ['a column that nobody has', 'select aged from {people}'],
    ['a table that is no source and no model', 'select 1 as one from warehouse.register.patients'],
    ['all columns of such a table', 'select * from warehouse.register.patients'],
    ['a table of another database', 'select age_band from identified.register.people'],
    ['a file', `select * from read_csv('people.csv')`],
    ['a whole row as one value', 'select to_json(people) as row from {people} as people'],
    ['columns by pattern', `select columns('.*') from {people}`],
    ['a column by its place', 'select #1 as first from {people}'],
    ['a variable', `select getvariable('x') as x`],
    ['columns turned into rows', 'select * from {people} unpivot (v for n in (ethnic_code, age_band))'],
    ['a union by name', 'select age_band from {people} union by name select ethnic_code, age_band from {people}'],
    [
      'a query that reads itself',
      'with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select n from r',
    ],
  ])('%s', async (_what, sql) => {
    expect(await complaintOf(makeManifest({ pub_odd: sql }))).toMatch(
      /^published\.pub_odd cannot be followed, so nobody knows what it tells: .*\nWrite transform\/models\/pub_odd\.sql so that/,
    )
  })

  test.each([
    ['a hook', { 'post-hook': [{ sql: 'update x' }] }],
    ['a table that keeps what was there', { materialized: 'incremental' }],
  ])('%s', async (_what, config) => {
    const work = makeManifest({ pub_odd: 'select age_band from {people}' }, { config })
    expect(await complaintOf(work)).toContain('hold more than the compiled SQL says')
  })

  test('a model that dbt did not compile', async () => {
    expect(await complaintOf(makeManifest({ pub_odd: '' }))).toContain('dbt did not compile it')
  })

  test('a project that publishes nothing', async () => {
    expect(await complaintOf(makeManifest({ other: 'select age_band from {people}' }))).toContain('nothing was checked')
  })

  test.each(['direct', 'text'])('a source column of class %s, whoever reads it', async (kind) => {
    const work = makeManifest({ pub_n: 'select count(*) as n from {people}' }, { sources: { people: { name: kind } } })
    expect(await complaintOf(work)).toMatch(/^register\.people\.name is of class \w+ and must not be in the warehouse/)
  })

  test('a source column without a class', async () => {
    const work = makeManifest({ pub_n: 'select count(*) as n from {people}' }, { sources: { people: { name: '' } } })
    expect(await complaintOf(work)).toMatch(/^register\.people\.name has no class/)
  })
})
