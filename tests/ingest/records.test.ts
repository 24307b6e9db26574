import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkContracts } from '../../ingest/check.ts'
import { settingsSchema } from '../../register/settings.ts'
import { DsrError } from '../../register/errors.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
  made.contract('small', smallContract)
})
afterEach(() => made.remove())

const other = { No: '2', NHS: '9990000026', First: 'Bo' }

async function quarantinedBy(
  bad: Partial<Record<string, string>>,
): Promise<readonly { row: number; column: string; code: string }[]> {
  made.extract('small', 'a.csv', [smallHeading, smallLine(), smallLine({ ...other, ...bad })].join('\n'))
  await made.ingest()
  return (await made.quarantine()).map(({ row, column, code }) => ({ row, column, code }))
}

describe('a record with one bad value goes to quarantine with its row, column and kind', () => {
  const bad: readonly (readonly [string, Partial<Record<string, string>>, string, string])[] = [
    ['a date in another form', { Reviewed: '2026/09' }, 'Reviewed', 'date_not_understood'],
    ['a date that does not exist', { Reviewed: '31/09/2026' }, 'Reviewed', 'impossible_date'],
    ['an event after the extract', { Reviewed: '02/11/2026' }, 'Reviewed', 'date_in_future'],
    ['an event before birth', { Reviewed: '01/01/1985' }, 'Reviewed', 'date_before_birth'],
    ['a wrong check digit', { NHS: '9990000027' }, 'NHS', 'nhs_number_check_digit'],
    ['ten equal digits', { NHS: '9999999999' }, 'NHS', 'nhs_number_repeated_digits'],
    ['nine digits', { NHS: '999000002' }, 'NHS', 'nhs_number_not_ten_digits'],
    ['a colour that is not one', { Colour: 'orange' }, 'Colour', 'code_not_in_list'],
    ['no surname', { Surname: '' }, 'Surname', 'required_value_missing'],
    ['a colour without its day', { Since: '' }, 'Since', 'required_value_missing'],
    ['a note that is too long', { Note: 'x'.repeat(20_001) }, 'Note', 'over_long_text'],
    ['an unquoted comma', { Note: 'one, two' }, '', 'wrong_number_of_columns'],
    ['a stray speech mark', { Note: '"one" two' }, '', 'stray_quote'],
  ]
  let found: readonly { readonly row: number; readonly column: string; readonly code: string }[]

  beforeAll(async () => {
    const file = makeDeployment()
    file.contract('small', smallContract)
    file.extract(
      'small',
      'a.csv',
      [
        smallHeading,
        ...bad.map(([, cells], index) => smallLine({ No: `b${index}`, NHS: '', ...cells })),
        smallLine(),
      ].join('\n'),
    )
    await file.ingest({ reject_share_limit: 1 })
    found = (await file.quarantine()).map(({ row, column, code }) => ({ row, column, code }))
    file.remove()
  })

  it.each(bad.map(([what, , column, code], index) => [what, index + 2, column, code] as const))(
    '%s',
    (_, row, column, code) => {
      expect(found.filter((fault) => fault.row === row)).toEqual([{ row, column, code }])
    },
  )

  it('and no other record does', () => {
    expect(found).toHaveLength(bad.length)
  })

  it('a byte that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${smallHeading}\n${smallLine()}\n`),
      Buffer.from(smallLine({ ...other, First: 'René' }), 'latin1'),
    ])
    made.extract('small', 'a.csv', bytes)
    await made.ingest()
    expect(await made.quarantine()).toMatchObject([{ row: 3, column: 'First', code: 'text_not_in_declared_encoding' }])
  })

  it('a local number that an earlier record has for somebody else', async () => {
    expect(await quarantinedBy({ No: '1' })).toEqual([{ row: 3, column: 'No', code: 'local_id_of_another_person' }])
  })
})

describe('a record that is fine', () => {
  it('may have spaces in the NHS number, quoted commas and line breaks', async () => {
    expect(await quarantinedBy({ NHS: '999 000 0026', Note: '"one, ""two""\nthree"' })).toEqual([])
    expect(await made.register(`select summary from reviews where summary like 'one%'`)).toEqual([
      { summary: 'one, "two"\nthree' },
    ])
  })

  it('with control characters is kept, flagged, and free of them', async () => {
    expect(await quarantinedBy({ Note: 'one\u0007two' })).toEqual([{ row: 3, column: '', code: 'control_characters' }])
    expect(await made.register(`select summary from reviews where summary like 'one%'`)).toEqual([
      { summary: 'one two' },
    ])
  })

  it('reads the London day of a time with an offset', async () => {
    expect(await quarantinedBy({ Reviewed: '2026-07-20T23:30:00Z' })).toEqual([])
    expect(
      await made.register("select max(held_on)::varchar as held_on from reviews where held_on < date '2026-08-01'"),
    ).toEqual([{ held_on: '2026-07-21' }])
  })
})

describe('a record without its person’s number', () => {
  it('has that one fault, though every table needs the number', async () => {
    await quarantinedBy({ No: '' })
    expect(await made.landing('select record::integer as record, table_name, column_name, code from faults')).toEqual([
      { record: 3, table_name: 'people', column_name: 'No', code: 'required_value_missing' },
    ])
  })
})

describe('a double', () => {
  it('is counted and set aside, whatever else is wrong with it', async () => {
    made.extract('small', 'a.csv', [smallHeading, smallLine(), smallLine(other), smallLine(), smallLine()].join('\r\n'))
    const report = await made.ingest()
    expect(report.landed[0]?.tallies).toMatchObject([{ read: 4, accepted: 2, quarantined: 0, duplicates: 2 }])
    expect((await made.quarantine()).map(({ row, code }) => `${row} ${code}`)).toEqual([
      '4 duplicate_record',
      '5 duplicate_record',
    ])
  })
})

describe('a file that does not fit', () => {
  const failure = async (): Promise<DsrError> => {
    const error: unknown = await made.ingest().catch((thrown: unknown) => thrown)
    if (!(error instanceof DsrError)) throw new Error('expected a DsrError')
    expect(error.kind).toBe('input')
    return error
  }

  it('with an unknown and a missing column stops, and both are named with the nearest', async () => {
    made.extract('small', 'a.csv', `${smallHeading.replace('Reviewed', 'Revewed')}\n${smallLine()}`)
    const { message } = await failure()
    expect(message).toMatch(/small, a\.csv: column “Reviewed” is missing\. The nearest in the file is “Revewed”/)
    expect(message).toMatch(/small, a\.csv: column “Revewed” is unknown; the nearest in the contract is “Reviewed”/)
    expect(await made.landing('select count(*)::integer as deliveries from deliveries')).toEqual([{ deliveries: 0 }])
  })

  it('without its heading row is not quoted', async () => {
    made.extract('small', 'a.csv', `${smallLine()}\n${smallLine(other)}`)
    const { message } = await failure()
    expect(message).toContain('only 0 of the 12 columns')
    expect(message).not.toMatch(/Marsh|999/)
  })

  it('with one column twice stops', async () => {
    made.extract('small', 'a.csv', `${smallHeading},note\n${smallLine()},x`)
    expect((await failure()).message).toContain('stands twice')
  })

  it('with a heading and no record stops where an earlier one had records', async () => {
    made.extract('small', 'a.csv', `${smallHeading}\n${smallLine()}`)
    await made.ingest()
    made.extract('small', 'b.csv', `${smallHeading}\r\n`)
    expect((await failure()).message).toContain('b.csv: The file holds no record: most likely an extract that failed.')
    expect(await made.landing('select count(*)::integer as deliveries from deliveries')).toEqual([{ deliveries: 1 }])
  })

  it('most of which would be rejected stops', async () => {
    made.extract(
      'small',
      'a.csv',
      [smallHeading, smallLine({ Colour: 'x' }), smallLine({ ...other, Colour: 'y' })].join('\n'),
    )
    expect((await failure()).message).toContain('2 of 2 records would be rejected')
  })

  it('leaves sound files of other feeds landed', async () => {
    made.contract('fine', smallContract.replaceAll('small', 'fine'))
    made.extract('fine', 'a.csv', `${smallHeading}\n${smallLine()}`)
    made.extract('small', 'a.csv', 'nothing\n1')
    await failure()
    expect(await made.landing('select feed from deliveries')).toEqual([{ feed: 'fine' }])
  })

  it('that is a zip, empty or UTF-16 by surprise is told so', async () => {
    made.extract('small', 'a.csv', Buffer.from('PK\u0003\u0004xxxx', 'latin1'))
    made.extract('small', 'b.csv', '')
    made.extract('small', 'c.csv', Buffer.from(`\ufeff${smallHeading}`, 'utf16le'))
    const { message } = await failure()
    expect(message).toMatch(/a\.csv: The file is a workbook or a zip file/)
    expect(message).toMatch(/b\.csv: The file is empty/)
    expect(message).toMatch(/c\.csv: The file is in UTF-16/)
  })
})

describe('text encodings', () => {
  it.each([
    ['utf-8', Buffer.from(`\ufeff${smallHeading}\n${smallLine({ First: 'Zoë' })}`)],
    ['utf-16', Buffer.from(`\ufeff${smallHeading}\n${smallLine({ First: 'Zoë' })}`, 'utf16le')],
    ['windows-1252', Buffer.from(`${smallHeading}\n${smallLine({ First: 'Zoë' })}`, 'latin1')],
  ])('%s is read, byte-order mark or not', async (encoding, bytes) => {
    made.contract('small', smallContract.replace('format: csv', `format: csv, encoding: ${encoding}`))
    made.extract('small', 'a.csv', bytes)
    await made.ingest()
    expect(await made.register('select given_name from people')).toEqual([{ given_name: 'Zoë' }])
  })
})

describe('messages', () => {
  it('never hold a value: not in progress lines, quarantine, checks or errors', async () => {
    const canaries = ['Zquixhart', '9990000042', 'ZX99 9ZX', 'Zorangello', '1977-01-31', 'Znoteworthy']
    made.extract(
      'small',
      'a.csv',
      [
        smallHeading,
        smallLine({
          Surname: 'Zquixhart',
          NHS: '9990000042',
          Postcode: 'ZX99 9ZX',
          Born: '1977-01-31',
          Colour: 'Zorangello',
          Note: 'Znoteworthy',
        }),
        smallLine(other),
        smallLine({ No: '3', NHS: '9990000034', Postcode: 'ZX999', Consented: 'Zquixhart' }),
        smallLine({ No: '4', NHS: '99900000429990000042', Note: 'Znoteworthy, Zquixhart' }),
      ].join('\n'),
    )
    const checked = JSON.stringify(await checkContracts(made.deployment, settingsSchema.parse({ icbs: ['QOQ'] })))
    const failed: unknown = await made.ingest({ reject_share_limit: 0.1 }).catch((error: unknown) => error)
    await made.ingest({ reject_share_limit: 1 })
    const said = [
      ...made.lines,
      JSON.stringify(await made.quarantine()),
      checked,
      String(failed),
      JSON.stringify(failed),
    ].join('\n')
    expect(said).toContain('code_not_in_list')
    for (const canary of canaries) expect(said).not.toContain(canary)
  })
})

describe('dsr check', () => {
  it('says what would be found and changes nothing', async () => {
    made.extract('small', 'a.csv', [smallHeading, smallLine(), smallLine({ ...other, Colour: 'orange' })].join('\n'))
    const [checked] = await checkContracts(made.deployment, settingsSchema.parse({ icbs: ['QOQ'] }))
    expect(checked).toMatchObject({
      feed: 'small',
      file: 'a.csv',
      problems: [],
      tallies: [{ read: 2, accepted: 1, quarantined: 1 }],
      faults: [{ column: 'Colour', code: 'code_not_in_list', records: 1 }],
    })
    const report = await made.ingest()
    expect(report.landed).toHaveLength(1)
  })

  it('refuses what a run would refuse', async () => {
    made.extract('small', 'a.csv', [smallHeading, smallLine({ Colour: 'orange' })].join('\n'))
    const [checked] = await checkContracts(made.deployment, settingsSchema.parse({ icbs: ['QOQ'] }))
    expect(checked?.problems).toEqual([expect.stringContaining('1 of 1 records would be rejected')])
    await expect(made.ingest()).rejects.toMatchObject({ kind: 'input' })
  })
})
