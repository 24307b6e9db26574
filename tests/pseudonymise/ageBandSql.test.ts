import { expect, test } from 'vitest'
import { ageBandSql } from '../../pseudonymise/ageBandSql.ts'
import { readCodes } from '../../register/readCodes.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'

async function bandsOf(pairs: readonly (readonly [string | null, string | null])[]): Promise<unknown[]> {
  const database = await openDuckDB({ attach: [] })
  await database.connection.run('create table pairs (place integer, birth date, day date)')
  for (const [place, [birth, day]] of pairs.entries()) {
    await database.connection.run('insert into pairs values ($1, cast($2 as date), cast($3 as date))', [
      place,
      birth,
      day,
    ])
  }
  const reader = await database.connection.runAndReadAll(
    `select ${ageBandSql('birth', 'day')} as band from pairs order by place`,
  )
  database.close()
  return reader.getRowObjects().map((row) => row['band'])
}

test('the band changes on the birthday, not before it', async () => {
  expect(
    await bandsOf([
      ['2010-06-15', '2026-06-14'],
      ['2010-06-15', '2026-06-15'],
      ['2008-06-15', '2026-06-14'],
      ['2008-06-15', '2026-06-15'],
      ['1961-06-15', '2026-06-14'],
      ['1961-06-15', '2026-06-15'],
    ]),
  ).toEqual(['0-15', '16-17', '16-17', '18-24', '55-64', '65+'])
})

test('a person born on 29 February is a year older on 1 March', async () => {
  expect(
    await bandsOf([
      ['2008-02-29', '2026-02-28'],
      ['2008-02-29', '2026-03-01'],
    ]),
  ).toEqual(['16-17', '18-24'])
})

test('without a birth date, without a day or before birth the band is not known', async () => {
  expect(
    await bandsOf([
      [null, '2026-01-01'],
      ['2000-01-01', null],
      ['2000-01-02', '2000-01-01'],
    ]),
  ).toEqual(['unknown', 'unknown', 'unknown'])
})

test('every band is in its code list, and every code can be reached', async () => {
  const births = Array.from({ length: 100 }, (_, age) => [`${2026 - age}-01-01`, '2026-01-01'] as const)
  const bands = new Set(await bandsOf([...births, [null, null]]))
  expect(bands).toEqual(new Set(readCodes('age_bands').map((code) => code.code)))
})
