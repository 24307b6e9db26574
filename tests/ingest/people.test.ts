import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDictionary } from '../../register/readDictionary.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
})
afterEach(() => made.remove())

/** Two agencies that each send the given lines; b's extract is a day newer. */
function agencies(a: readonly string[], b: readonly string[]): void {
  made.contract('a', smallContract.replaceAll('small', 'a'))
  made.contract('b', smallContract.replaceAll('small', 'b').replace('2026-10-30', '2026-10-31'))
  made.extract('a', 'a.csv', [smallHeading, ...a].join('\n'))
  made.extract('b', 'b.csv', [smallHeading, ...b].join('\n'))
}

describe('one person', () => {
  it('is the same valid NHS number, whatever the names', async () => {
    agencies([smallLine()], [smallLine({ No: '77', First: 'Adele', Postcode: 'HU25 9ZZ' })])
    await made.ingest()
    expect(await made.register('select given_name, postcode, feed from people')).toEqual([
      { given_name: 'Adele', postcode: 'HU25 9ZZ', feed: 'b' },
    ])
    expect(await made.register('select count(*)::integer as records from agency_records')).toEqual([{ records: 2 }])
  })

  it('is never two valid numbers, however alike the rest', async () => {
    agencies([smallLine()], [smallLine({ NHS: '9990000026' })])
    expect((await made.ingest()).people).toBe(2)
  })

  it('without a number is the same name, birth date and postcode', async () => {
    agencies(
      [smallLine(), smallLine({ No: '2', NHS: '', First: 'Bo' })],
      [smallLine({ NHS: '', Surname: 'MARSH', First: 'Áda', Postcode: 'hu211aa' })],
    )
    expect((await made.ingest()).people).toBe(2)
  })

  it('without a number stands alone where two numbers fit', async () => {
    agencies([smallLine(), smallLine({ No: '2', NHS: '9990000026' })], [smallLine({ NHS: '' })])
    expect((await made.ingest()).people).toBe(3)
  })

  it('without a number and with nothing else in common stays apart from the next', async () => {
    agencies([smallLine({ NHS: '' })], [smallLine({ NHS: '', Born: '06/01/1990' })])
    expect((await made.ingest()).people).toBe(2)
  })

  it('keeps the id of its oldest record and its case reference when an older one comes', async () => {
    agencies([], [smallLine()])
    made.extract('a', 'a.csv', `${smallHeading}\n${smallLine({ No: '9', NHS: '9990000034', First: 'Cy' })}`)
    await made.ingest()
    const [before] = await made.register(`select case_ref from persons where nhs_number = '9990000018'`)
    made.contract('a', smallContract.replaceAll('small', 'a').replace('2026-10-30', '2026-09-30'))
    made.extract(
      'a',
      'again.csv',
      [smallHeading, smallLine({ No: '9', NHS: '9990000034', First: 'Cy' }), smallLine()].join('\n'),
    )
    await made.ingest({}, '2026-11-01', { feed: 'a', reason: 'An older extract was found' })
    expect(await made.register(`select case_ref from persons where nhs_number = '9990000018'`)).toEqual([before])
    expect(String(before?.['case_ref'])).toMatch(/^[a-z2-9]{12}$/)
  })
})

describe('a local number that an agency gives to somebody else later', () => {
  const bo = { First: 'Bo', Surname: 'Other', Born: '03/03/1970' }

  /** Two extracts of one agency, a month apart, with one line each under the same local number. */
  async function extracts(
    first: Partial<Record<string, string>>,
    then: Partial<Record<string, string>>,
  ): Promise<void> {
    made.contract('small', smallContract.replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`))
    made.extract('small', '2026-09-01.csv', `${smallHeading}\n${smallLine({ Reviewed: '01/06/2026', ...first })}`)
    await made.ingest()
    made.extract('small', '2026-10-01.csv', `${smallHeading}\n${smallLine({ ...then })}`)
  }

  it('does not take the case of the first along', async () => {
    await extracts({}, { ...bo, NHS: '9990000026' })
    const [before] = await made.register('select person_id, case_ref from persons')
    await made.ingest()
    const [after] = await made.register('select person_id, case_ref from persons')
    expect(after?.['person_id']).not.toBe(before?.['person_id'])
    expect(after?.['case_ref']).not.toBe(before?.['case_ref'])
  })

  it('does not make the second, who has no NHS number, the first', async () => {
    made.contract('b', smallContract.replaceAll('small', 'b'))
    made.extract('b', 'b.csv', `${smallHeading}\n${smallLine({ No: '55' })}`)
    await extracts({}, { ...bo, NHS: '' })
    expect((await made.ingest()).people).toBe(2)
    expect(await made.register('select given_name, nhs_number from people order by 1')).toEqual([
      { given_name: 'Ada', nhs_number: '9990000018' },
      { given_name: 'Bo', nhs_number: null },
    ])
  })

  it('leaves a withdrawal with the first', async () => {
    made.contract('b', smallContract.replaceAll('small', 'b'))
    made.extract('b', 'b.csv', `${smallHeading}\n${smallLine({ No: '55' })}`)
    await extracts({ Consent: 'Gone', Consented: '20/08/2026' }, { ...bo, NHS: '9990000026' })
    expect(await made.ingest()).toMatchObject({ people: 1, excluded: { K91: 1 } })
    expect(await made.register('select given_name from people')).toEqual([{ given_name: 'Bo' }])
  })

  it('is still the same person where only the birth date or the name was put right', async () => {
    await extracts({ NHS: '' }, { NHS: '', Born: '15/01/1990' })
    const before = await made.register('select person_id, case_ref from persons')
    await made.ingest()
    expect(await made.register('select person_id, case_ref from persons')).toEqual(before)
  })
})

describe('agencies that disagree', () => {
  it('are both kept, and the newest recorded value is used', async () => {
    agencies(
      [smallLine({ Colour: 'red', Since: '01/10/2026' })],
      [smallLine({ Surname: 'Marsh-Hill', Born: '01/05/1990' })],
    )
    await made.ingest()
    expect(await made.register(`select family_name, date_of_birth::varchar as born from people`)).toEqual([
      { family_name: 'Marsh-Hill', born: '1990-05-01' },
    ])
    const rows = await made.register('select field, feed, value from disagreements order by field, feed')
    expect(rows).toEqual([
      { field: 'date_of_birth', feed: 'a', value: '1990-01-05' },
      { field: 'date_of_birth', feed: 'b', value: '1990-05-01' },
      { field: 'family_name', feed: 'a', value: 'Marsh' },
      { field: 'family_name', feed: 'b', value: 'Marsh-Hill' },
      { field: 'rating', feed: 'a', value: 'red' },
      { field: 'rating', feed: 'b', value: 'green' },
    ])
  })

  it('do not undo a value by leaving it empty', async () => {
    agencies([smallLine()], [smallLine({ Postcode: '' })])
    await made.ingest()
    expect(await made.register('select postcode from people')).toEqual([{ postcode: 'HU21 1AA' }])
    expect(await made.register('select field from disagreements')).toEqual([])
  })
})

describe('the consent gate', () => {
  const consent = async (): Promise<unknown> =>
    (await made.register('select consent_basis, consent_state from persons'))[0]

  it.each([
    ['withdrawn', 'Gone', 'K91'],
    ['refused', 'No', 'K92'],
    ['not recorded', '', 'K90'],
  ])('keeps a person off whose consent is %s, and counts why', async (_, word, reason) => {
    agencies(
      [smallLine({ Consent: word, Consented: word === '' ? '' : '01/07/2026' })],
      [smallLine({ No: '2', NHS: '9990000026', Surname: 'Other' })],
    )
    const report = await made.ingest()
    expect(report.people).toBe(1)
    expect(report.excluded).toEqual({ K90: 0, K91: 0, K92: 0, K93: 0, [reason]: 1 })
  })

  it('leaves no value of a withdrawn person in any table of the register', async () => {
    agencies(
      [smallLine({ Surname: 'Zquixhart', Consent: 'Gone', Note: 'Znoteworthy' })],
      [
        smallLine({ Surname: 'Zquixhart', Consented: '01/02/2026' }),
        smallLine({ No: '2', NHS: '9990000026', Surname: 'Other' }),
      ],
    )
    await made.ingest()
    const tables = await made.register(`select table_name from duckdb_tables() where database_name = 'register'`)
    expect(tables.length).toBeGreaterThan(readDictionary().length)
    const telling: string[] = []
    for (const { table_name } of tables) {
      const rows = JSON.stringify(await made.register(`select * from ${String(table_name)}`))
      if (/Zquixhart|Znoteworthy|9990000018/.test(rows)) telling.push(String(table_name))
    }
    expect(telling).toEqual([])
  })

  it('follows the newest decision of any agency', async () => {
    agencies([smallLine({ Consent: 'Gone', Consented: '01/07/2026' })], [smallLine({ Consented: '02/07/2026' })])
    expect((await made.ingest()).people).toBe(1)
  })

  it('takes withdrawal before a basis of the same day', async () => {
    agencies([smallLine({ Consent: 'Gone', Consented: '01/07/2026' })], [smallLine({ Consented: '01/07/2026' })])
    expect((await made.ingest()).people).toBe(0)
  })

  it('does not take "not recorded" for a withdrawal', async () => {
    agencies([smallLine()], [smallLine({ Consent: '', Consented: '' })])
    await made.ingest()
    expect(await consent()).toEqual({ consent_basis: 'K01', consent_state: 'valid' })
  })

  it('keeps a lapsed basis on the register, to be renewed', async () => {
    agencies(
      [smallLine({ Consented: '01/06/2025' })],
      [smallLine({ No: '2', NHS: '9990000026', Surname: 'Other', Consent: 'Lapsed' })],
    )
    await made.ingest()
    expect(await made.register('select consent_basis, consent_state from persons order by 1')).toEqual([
      { consent_basis: 'K01', consent_state: 'lapsed' },
      { consent_basis: 'K93', consent_state: 'lapsed' },
    ])
  })

  it('remembers a withdrawal that a later extract has dropped, until there is a newer consent', async () => {
    made.contract('small', smallContract.replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`))
    made.extract(
      'small',
      '2026-08-01.csv',
      `${smallHeading}\n${smallLine({ Consent: 'Gone', Consented: '01/07/2026', Reviewed: '01/07/2026' })}`,
    )
    expect((await made.ingest()).people).toBe(0)
    made.extract('small', '2026-09-01.csv', `${smallHeading}\n${smallLine()}`)
    expect((await made.ingest()).people).toBe(0)
    made.extract('small', '2026-10-01.csv', `${smallHeading}\n${smallLine({ Consented: '02/07/2026' })}`)
    expect((await made.ingest()).people).toBe(1)
  })
})

describe('a commissioning feed', () => {
  const contract = `
feed: stays
agency: { name: Hub (made up), kind: A12 }
basis: inpatient_commissioning
from: { folder: extracts/stays, files: '*.csv' }
delivered_on: { value: 2026-10-30 }
read: { format: csv }
tables:
  people:
    fields: { local_id: patient, nhs_number: nhs, date_of_birth: born }
  admissions:
    fields: { admitted: in, discharged: out }
`

  it('gives admissions to people of the register, statutory rows for the others, and nothing for those kept off it', async () => {
    made.contract('small', smallContract)
    made.contract('stays', contract)
    made.extract(
      'small',
      'a.csv',
      [smallHeading, smallLine(), smallLine({ No: '2', NHS: '9990000026', Consent: 'Gone' })].join('\n'),
    )
    made.extract(
      'stays',
      'a.csv',
      [
        'patient,nhs,born,in,out',
        'p1,9990000018,1990-01-05,2026-01-01,2026-02-01',
        'p2,9990000026,1990-01-05,2026-03-01,',
        'p3,9990000034,1980-01-01,2026-04-01,',
      ].join('\n'),
    )
    const report = await made.ingest()
    expect(report).toMatchObject({ people: 1, statutoryOnly: 1 })
    expect(await made.register('select admitted::varchar as admitted, feed from admissions')).toEqual([
      { admitted: '2026-01-01', feed: 'stays' },
    ])
    expect(await made.register('select nhs_number, admitted::varchar as admitted from statutory_admissions')).toEqual([
      { nhs_number: '9990000034', admitted: '2026-04-01' },
    ])
    expect(await made.register('select count(*)::integer as n from agency_records')).toEqual([{ n: 1 }])
  })
})
