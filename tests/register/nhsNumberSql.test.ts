import { afterAll, beforeAll, expect, test } from 'vitest'
import { isNhsNumber } from '../../register/nhsNumber.ts'
import { isRepeatedDigitSql, nhsRemainderSql } from '../../register/nhsNumberSql.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'

let database: Database
beforeAll(async () => {
  database = await openDuckDB({ attach: [] })
})
afterAll(() => database.close())

test('SQL and TypeScript agree on every number of the test range that begins 999000 or is one digit repeated', async () => {
  const rows = await database.connection.runAndReadAll(`
    with numbers as (
        select 9990000000 + range as number from range(10000)
        union all select 1111111111 * range from range(1, 10)
    )
    select number::varchar as number, ${nhsRemainderSql('number')} = 0 and not ${isRepeatedDigitSql('number')} as is_right
    from numbers`)
  const found = rows.getRowObjectsJson().filter((row) => row['is_right'] !== isNhsNumber(String(row['number'])))
  expect(found).toEqual([])
  expect(rows.getRowObjectsJson().filter((row) => row['is_right'])).toHaveLength(909)
})
