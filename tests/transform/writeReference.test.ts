import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DsrError } from '../../register/errors.ts'
import { checkSettings } from '../../register/settings.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { writeReference } from '../../transform/writeReference.ts'

interface Written {
  readonly ask: (sql: string) => Promise<unknown[][]>
}

async function write(settings: Readonly<Record<string, unknown>>, referenceFolder?: string): Promise<Written> {
  const database = await openDuckDB({ attach: [] })
  await writeReference(
    database.connection,
    'memory',
    checkSettings({ icbs: ['QOQ', 'QF7'], ...settings }, 'dsr.yml'),
    '2026-10-31',
    referenceFolder,
  )
  return { ask: async (sql) => (await database.connection.runAndReadAll(sql)).getRowsJson() }
}

const others = [
  { rating: 'amber', days: 14 },
  { rating: 'green', days: 90 },
  { rating: 'blue', days: 28 },
]

describe('schema reference', () => {
  test('holds each setting of one value, the resolved day and the ICBs', async () => {
    const { ask } = await write({ as_of: 'today' })
    expect(await ask(`select value from reference.settings where name = 'as_of'`)).toEqual([['2026-10-31']])
    expect(await ask(`select value from reference.settings where name = 'icbs'`)).toEqual([['QOQ,QF7']])
    expect(await ask(`select value from reference.settings where name = 'gap_days'`)).toEqual([['28']])
    expect(await ask(`select count(*) from reference.settings where value like '%{%' or value like '%[%'`)).toEqual([
      ['0'],
    ])
  })

  test('holds the code lists, the services with their family, the ICBs and councils', async () => {
    const { ask } = await write({})
    expect(await ask(`select count(*) from reference.codes where list = 'themes'`)).toEqual([['33']])
    expect(await ask(`select count(*) from reference.services where family is null or commissioner is null`)).toEqual([
      ['0'],
    ])
    expect(await ask(`select name from reference.organisations where code = 'QOQ' and kind = 'icb'`)).toHaveLength(1)
    expect(await ask(`select count(*) from reference.populations where people is null`)).toEqual([['0']])
  })

  test('takes the populations that the operator imported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsr-reference-'))
    writeFileSync(
      join(folder, 'populations.csv'),
      'icb_ods,age_group,people,year,source\nQOQ,adult,70,2024,ONS mid-2024 estimates\n',
    )
    const { ask } = await write({}, folder)
    expect(await ask('select icb_ods, age_group, people from reference.populations')).toEqual([['QOQ', 'adult', 70]])
  })

  test('intervals keep their days of validity', async () => {
    const red = [
      { rating: 'red', days: 7, valid_to: '2025-12-31' },
      { rating: 'red', days: 5, valid_from: '2026-01-01' },
    ]
    const { ask } = await write({ review_intervals: [...red, ...others] })
    expect(
      await ask(`select days, valid_from, valid_to from reference.review_intervals where rating = 'red' order by days`),
    ).toEqual([
      [5, '2026-01-01', null],
      [7, '1900-01-01', '2025-12-31'],
    ])
  })

  test.each([
    ['no rule at all', []],
    ['a rule for children only', [{ rating: 'red', days: 7, age_band: 'under_18' }]],
    ['a rule for one ICB only', [{ rating: 'red', days: 7, place: 'QOQ' }]],
    ['a rule that has ended', [{ rating: 'red', days: 7, valid_to: '2026-01-01' }]],
    [
      'a month between two rules',
      [
        { rating: 'red', days: 7, valid_to: '2025-12-31' },
        { rating: 'red', days: 5, valid_from: '2026-02-01' },
      ],
    ],
  ])('%s for red is refused with a remedy', async (_, red) => {
    await expect(write({ review_intervals: [...red, ...others] })).rejects.toSatisfy(
      (error) => error instanceof DsrError && error.kind === 'input' && error.message.includes('red'),
    )
  })
})
