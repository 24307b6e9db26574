import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { writeCorrections } from '../../ingest/corrections/writeCorrections.ts'
import { csvCell } from '../../ingest/corrections/columns.ts'
import { readKey } from '../../store/keys.ts'
import {
  makeDeployment,
  smallContract,
  smallHeading,
  smallLine,
  withSamples,
  type TestDeployment,
} from './deployment.ts'

let made: TestDeployment
afterEach(() => made.remove())

const write = async (): Promise<readonly string[]> => {
  const keys = { store: readKey(made.deployment, 'store') }
  const files = await writeCorrections(made.deployment, keys, join(made.deployment.home, 'to-agencies'))
  return files.map(({ file }) => file)
}
const tallies =
  'select sheet, sum(rows_read)::integer as read, sum(rows_accepted)::integer as accepted, sum(rows_quarantined)::integer as quarantined from tallies group by sheet'

describe('a file of corrections', () => {
  it('brings rows put right back into their delivery, keeps wrong ones, and changes nothing the second time', async () => {
    made = makeDeployment()
    made.contract('small', smallContract)
    const di = { No: '4', NHS: '9990000042', First: 'Di', Surname: 'Hall' }
    made.extract(
      'small',
      'a.csv',
      [
        smallHeading,
        smallLine(),
        smallLine({ No: '2', NHS: '9990000026', First: 'Bo', Surname: 'Reed', Born: '31/31/1991', Note: '=1+1' }),
        smallLine({ No: '3', NHS: '9990000035', First: 'Cy', Surname: 'Stone' }),
        `${smallLine(di)},one too many`,
      ].join('\n'),
    )
    await made.ingest({ reject_share_limit: 1 })
    const [file = ''] = await write()
    expect(statSync(file).mode & 0o077).toBe(0)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain("'=1+1")
    expect(text).toContain('Di,05/01/1990')
    // Bo's birth date is put right, Di's line is filled in from what came, Cy's number stays wrong.
    const lines = text.split('\r\n').map((line) => {
      if (line.includes('31/31/1991')) return line.replace('31/31/1991', '06/02/1991')
      return line.includes('one too many') ? line.replace(/^,{11}/, smallLine(di)) : line
    })
    const corrected = join(made.deployment.extracts, 'small', 'put right.csv')
    writeFileSync(corrected, lines.join('\r\n'))
    await made.ingest({ reject_share_limit: 1 })
    expect(made.lines).toContain('small: put right.csv, 2 records put right, 1 still wrong')
    expect((await made.register('select given_name from people order by 1')).map((row) => row['given_name'])).toEqual([
      'Ada',
      'Bo',
      'Di',
    ])
    expect(await made.register("select summary from reviews where summary like '=%'")).toEqual([{ summary: '=1+1' }])
    const after = await made.landing(tallies)
    expect(after).toEqual([{ sheet: '', read: 4, accepted: 3, quarantined: 1 }])
    expect(await made.landing('select count(*)::integer as n from resolved')).toEqual([{ n: 2 }])
    expect((await made.quarantine()).map((row) => row.column)).toEqual(['NHS'])
    writeFileSync(corrected, lines.join('\r\n'))
    await made.ingest({ reject_share_limit: 1 })
    expect(await made.landing(tallies)).toEqual(after)
  })

  it('is not undone in silence by reading the extract anew', async () => {
    made = makeDeployment()
    made.contract('small', smallContract)
    const wrong = smallLine({ No: '2', NHS: '9990000026', First: 'Bo', Surname: 'Reed', Born: '31/31/1991' })
    made.extract('small', 'a.csv', [smallHeading, smallLine(), wrong].join('\n'))
    const settings = { reject_share_limit: 1, extracts_after_landing: 'keep' as const }
    await made.ingest(settings)
    const [file = ''] = await write()
    const corrected = readFileSync(file, 'utf8').replace('31/31/1991', '06/02/1991')
    writeFileSync(join(made.deployment.extracts, 'small', 'put right.csv'), corrected)
    await made.ingest(settings)
    made.contract('small', smallContract.replace('name: Small agency', 'name: Smaller agency'))
    await expect(made.ingest(settings)).rejects.toThrow('1 of its records were put right since')
    expect(await made.landing(tallies)).toEqual([{ sheet: '', read: 2, accepted: 2, quarantined: 0 }])
  })

  it('of JSON holds nothing that the contract ignores', async () => {
    made = makeDeployment()
    const fields = 'local_id: no, family_name: last, given_name: first, date_of_birth: born'
    made.contract(
      'small',
      smallContract
        .replace('format: csv', 'format: ndjson')
        .replace("'*.csv'", "'*.ndjson'")
        .replace(/tables:[^]*/, `ignore: [secret, more.secret]\ntables:\n  people: { fields: { ${fields} } }\n`),
    )
    const record = {
      no: '1',
      last: 'Reed',
      first: 'Bo',
      born: '31/31/1991',
      secret: 'Zquix',
      more: { secret: 'Zquix' },
    }
    made.extract('small', 'a.ndjson', JSON.stringify(record))
    await made.ingest({ reject_share_limit: 1 })
    const [file = ''] = await write()
    expect(readFileSync(file, 'utf8')).toContain('31/31/1991')
    expect(readFileSync(file, 'utf8')).not.toContain('Zquix')
    expect(await made.landing("select count(*)::integer as kept from quarantine where said like '%Zquix%'")).toEqual([
      { kept: 0 },
    ])
  })

  it('is judged beside the people accepted before: a row held back for them and sent back unchanged stays held back', async () => {
    made = makeDeployment()
    made.contract('small', smallContract)
    made.extract(
      'small',
      'a.csv',
      [
        smallHeading,
        smallLine(),
        smallLine({ No: '2', First: 'Bo', Surname: 'Reed', Born: '06/02/1991' }),
        smallLine({ NHS: '9990000026', First: 'Cy', Surname: 'Stone' }),
      ].join('\n'),
    )
    await made.ingest({ reject_share_limit: 1 })
    const rejected = async (): Promise<readonly string[]> =>
      (await made.quarantine()).filter(({ severity }) => severity === 'reject').map(({ code }) => code)
    const before = [await rejected(), await made.landing(tallies)]
    expect(before[0]).toEqual(['nhs_number_of_another_person', 'local_id_of_another_person'])
    const [file = ''] = await write()
    copyFileSync(file, join(made.deployment.extracts, 'small', 'unchanged.csv'))
    await made.ingest({ reject_share_limit: 1 })
    expect(made.lines).toContain('small: unchanged.csv, 0 records put right, 2 still wrong')
    expect([await rejected(), await made.landing(tallies)]).toEqual(before)
    expect(await made.landing('select count(*)::integer as n from landed_people')).toEqual([{ n: 1 }])
  })

  it('is refused where a newer full extract has replaced its rows', async () => {
    made = makeDeployment()
    made.contract('small', smallContract.replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`))
    made.extract(
      'small',
      '2026-10-01.csv',
      [smallHeading, smallLine(), smallLine({ No: '2', NHS: '9990000027' })].join('\n'),
    )
    await made.ingest()
    const [file = ''] = await write()
    made.extract('small', '2026-10-08.csv', [smallHeading, smallLine()].join('\n'))
    copyFileSync(file, join(made.deployment.extracts, 'small', 'late.csv'))
    await expect(made.ingest()).rejects.toThrow(
      /belong to an extract \(2026-10-01\) that a newer full one has replaced/,
    )
  })

  it(
    'of every sample agency comes back as it went: nothing is lost and nothing altered on the way',
    { timeout: 200_000 },
    async () => {
      made = withSamples()
      await made.ingest()
      const before = [await made.quarantine(), await made.landing(`${tallies} order by all`)]
      const files = await write()
      expect(files.map((file) => basename(file))).toEqual(
        expect.arrayContaining(['childrens_services.to-correct.ndjson', 'council.to-correct.csv']),
      )
      expect(files.some((file) => basename(file).startsWith('mental_health_trust.'))).toBe(true)
      for (const file of files) {
        const feed = basename(file).split('.')[0] ?? ''
        copyFileSync(file, join(made.deployment.extracts, feed, basename(file)))
      }
      await made.ingest()
      const rejected = (rows: unknown): unknown[] =>
        (rows as { severity: string; feed: string; sheet: string; row: number; code: string }[])
          .filter(({ severity }) => severity === 'reject')
          .map(({ feed, sheet, row, code }) => `${feed} ${sheet} ${row} ${code}`)
          .sort()
      const unreadable =
        / (wrong_number_of_columns|stray_quote|broken_line|over_long_record|required_value_missing|nhs_number_of_another_person|local_id_of_another_person|parent_row_missing)$/
      const told = (rows: unknown): unknown[] => rejected(rows).filter((line) => !unreadable.test(String(line)))
      expect(told(await made.quarantine())).toEqual(told(before[0]))
      expect(told(before[0]).length).toBeGreaterThan(5)
    },
  )
})

it('a cell that a spreadsheet would run gets an apostrophe, a number does not', () => {
  expect(['=1+1', '-5', '+44 1482', '@x', "'=x", 'a,b'].map(csvCell)).toEqual([
    "'=1+1",
    '-5',
    "'+44 1482",
    "'@x",
    "''=x",
    '"a,b"',
  ])
})
