import { existsSync, readdirSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findServed, keepRequest } from '../../ingest/withdrawal/requestWithdrawal.ts'
import { defaultConsentRules, settingsSchema } from '../../register/settings.ts'
import { readKey } from '../../store/keys.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
})
afterEach(() => made.remove())

const bases = `codes: { Own: K01, Young: K02, Child: K03, Parent: K04, Teen: K05, Best: K06, Deputy: K07, Council: K08, Gone: K91, 'No': K92, '': K90, 'Yes': K01 }`
const contract = smallContract
  .replace(/codes: \{.*?\} \}/, `${bases} }`)
  .replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`)
  .replace(
    'postcode: Postcode',
    'postcode: Postcode\n      responsible_icb_ods: { column: Postcode, codes: { HU21 1AA: QOQ, LN1 1AA: QJM } }',
  )

function feed(name: string): void {
  made.contract(name, contract.replaceAll('small', name).replace('Small agency', `${name} agency`))
}

function send(name: string, day: string, ...lines: readonly string[]): void {
  made.extract(name, `${day}.csv`, [smallHeading, ...lines].join('\n'))
}

async function states(): Promise<readonly unknown[]> {
  const rows = await made.register('select consent_state from persons join people using (person_id) order by local_id')
  return rows.map((row) => row['consent_state'])
}

/** Line of a person without reviews or ratings that would be before the birth. */
const person = (No: string, more: Partial<Record<string, string>>): string =>
  smallLine({ No, NHS: '', Surname: `Person${'xabcdefghi'[Number(No)]}`, ...more })

describe('a consent basis', () => {
  it('fits the age on the day of the decision, or is to be renewed', async () => {
    feed('small')
    send(
      'small',
      '2026-10-30',
      // Born 1 June 2012: 13 on 1 May 2026, 14 on 1 June.
      person('1', { Born: '01/06/2012', Consent: 'Parent' }),
      person('2', { Born: '01/06/2012', Consent: 'Child' }),
      person('3', { Born: '01/06/2012', Consent: 'Own' }),
      person('4', { Born: '01/06/2012', Consent: 'Best' }),
      // Born 1 January 2010: 16 on the day.
      person('5', { Born: '01/01/2010', Consent: 'Young' }),
      person('6', { Born: '01/01/2010', Consent: 'Parent' }),
      person('7', { Born: '01/01/2010', Consent: 'Council' }),
      // An adult.
      person('8', { Born: '01/01/1990', Consent: 'Young' }),
      person('9', { Born: '01/01/1990', Consent: 'Deputy' }),
    )
    expect((await made.ingest()).people).toBe(9)
    expect(await states()).toEqual([
      'valid',
      'valid',
      'not_for_age',
      'not_for_age',
      'valid',
      'not_for_age',
      'valid',
      'not_for_age',
      'valid',
    ])
  })

  it('of a parent is overtaken by the birthday, one’s own decision is not', async () => {
    feed('small')
    send(
      'small',
      '2026-10-30',
      // 15 on the day of the decision, 16 since 1 August.
      person('1', { Born: '01/08/2010', Consent: 'Parent' }),
      person('2', { Born: '01/08/2010', Consent: 'Council' }),
      person('3', { Born: '01/08/2010', Consent: 'Child' }),
      // 17 on the day of the decision, 18 since 1 August.
      person('4', { Born: '01/08/2008', Consent: 'Teen' }),
      person('5', { Born: '01/08/2008', Consent: 'Young' }),
      // 16 only on 1 December.
      person('6', { Born: '01/12/2010', Consent: 'Parent' }),
    )
    await made.ingest()
    expect(await states()).toEqual(['overtaken_16', 'overtaken_16', 'valid', 'overtaken_18', 'valid', 'valid'])
    // Twenty-eight days from the birthday; nobody is sealed by the clock.
    expect(
      await made.register(
        'select grace_ends_on::varchar as day from persons join people using (person_id) order by local_id',
      ),
    ).toEqual([
      { day: '2026-08-29' },
      { day: '2026-08-29' },
      { day: null },
      { day: '2026-08-29' },
      { day: null },
      { day: null },
    ])
  })

  it('follows the reading of the place: there a parent must consent under 16', async () => {
    feed('small')
    send(
      'small',
      '2026-10-30',
      person('1', { Born: '01/06/2012', Consent: 'Child', Postcode: 'LN1 1AA' }),
      person('2', { Born: '01/06/2012', Consent: 'Child', Postcode: 'HU21 1AA' }),
      person('3', { Born: '01/06/2012', Consent: 'Parent', Postcode: 'LN1 1AA' }),
    )
    const parentMust = [{ basis: 'K03', to_age: 16, place: 'QJM', allowed: false, valid_from: '2026-01-01' }]
    const { consent_rules } = settingsSchema.parse({
      icbs: ['QOQ'],
      consent_rules: [...defaultConsentRules, ...parentMust],
    })
    await made.ingest({ consent_rules })
    expect(await states()).toEqual(['not_for_age', 'valid', 'valid'])
  })

  it('was good while the rule of its day held', async () => {
    feed('small')
    send('small', '2026-10-30', person('1', { Born: '01/06/2012', Consent: 'Child' }))
    const ended = defaultConsentRules.map((rule) => (rule.basis === 'K03' ? { ...rule, valid_to: '2026-05-31' } : rule))
    await made.ingest({ consent_rules: ended })
    expect(await states()).toEqual(['not_for_age'])
    const later = defaultConsentRules.map((rule) => (rule.basis === 'K03' ? { ...rule, valid_to: '2026-06-01' } : rule))
    await made.ingest({ consent_rules: later })
    expect(await states()).toEqual(['valid'])
  })
})

it('an agency is told where consent is missing, does not fit the age, or was overtaken; the record is kept', async () => {
  feed('small')
  send(
    'small',
    '2026-10-30',
    person('1', { Born: '01/01/1990', Consent: '', Consented: '' }),
    person('2', { Born: '01/06/2012', Consent: 'Own' }),
    person('3', { Born: '01/08/2010', Consent: 'Parent' }),
    person('4', { Born: '01/01/1990', Consent: 'Own' }),
    person('5', { Born: '01/01/1990', Consent: 'No' }),
  )
  const { landed } = await made.ingest()
  expect(landed[0]?.tallies[0]).toMatchObject({ read: 5, accepted: 5, quarantined: 0 })
  expect((await made.quarantine()).map(({ row, column, code, severity }) => [row, column, code, severity])).toEqual([
    [2, 'Consent', 'basis_missing', 'warn'],
    [3, 'Consent', 'basis_not_for_age', 'warn'],
    [4, 'Consent', 'basis_overtaken', 'warn'],
  ])
})

const gone = { Consent: 'Gone', Consented: '01/07/2026' }
const ada = { Surname: 'Zquixhart', First: 'Zadaline', Note: 'Znoteworthy' }
const other = smallLine({ No: '2', NHS: '9990000026', Surname: 'Other', First: 'Bo', Reviewed: '01/07/2026' })

/** Whatever tells of Ada in any table of landing. */
async function tracesInLanding(pattern = /Zquixhart|Zadaline|Znoteworthy|9990000018/): Promise<readonly string[]> {
  const tables = await made.landing(`select table_name from duckdb_tables() where database_name = 'landing'`)
  const found: string[] = []
  for (const { table_name } of tables)
    if (pattern.test(JSON.stringify(await made.landing(`select * from ${String(table_name)}`))))
      found.push(String(table_name))
  return found
}

describe('a person who withdraws', () => {
  it('is taken out of landing and the archive by the run that learns of it; the others stay', async () => {
    feed('small')
    feed('clinic')
    send('small', '2026-09-01', smallLine(ada), other)
    send(
      'clinic',
      '2026-09-01',
      smallLine({ ...ada, No: 'c-771' }),
      smallLine({ ...ada, No: 'c-771', NHS: '9990000019' }),
    )
    await made.ingest({ reject_share_limit: 1 })
    expect(await tracesInLanding()).toEqual(expect.arrayContaining(['landed_people', 'quarantine']))
    expect(readdirSync(made.deployment.archive)).toHaveLength(2)

    const { ino } = statSync(made.deployment.landing)
    send('small', '2026-10-01', smallLine({ ...ada, ...gone }), other)
    const report = await made.ingest()
    expect(report).toMatchObject({ people: 1, withdrawn: 1, excluded: { K91: 1 } })
    expect(await tracesInLanding()).toEqual([])
    // Deleted rows stay in the blocks of a database file: it is another file now.
    expect(statSync(made.deployment.landing).ino).not.toBe(ino)
    expect(readdirSync(made.deployment.archive)).toEqual([])
    expect(await made.landing('select distinct nhs_number from landed_people')).toEqual([{ nhs_number: '9990000026' }])
    expect(await made.landing('select count(*)::integer as n from case_refs')).toEqual([{ n: 1 }])
    // What was read of each file stays true of the file.
    expect(
      await made.landing(
        'select sum(rows_read)::integer = sum(rows_accepted + rows_quarantined + rows_duplicate)::integer as same from tallies',
      ),
    ).toEqual([{ same: true }])
  })

  it('is taken out although the record that says so is set aside for another fault', async () => {
    feed('small')
    send('small', '2026-09-01', smallLine(ada), other)
    await made.ingest()
    send('small', '2026-10-01', smallLine({ ...ada, ...gone, Since: '31/02/2026' }), other)
    expect(await made.ingest()).toMatchObject({ people: 1, withdrawn: 1, excluded: { K91: 1 } })
    expect(await tracesInLanding()).toEqual([])
  })

  it('leaves a tombstone of keyed digests, and no name or number', async () => {
    feed('small')
    send('small', '2026-10-01', smallLine({ ...ada, ...gone }), other)
    await made.ingest()
    const [tombstone] = await made.landing('select * from tombstones')
    expect(tombstone).toMatchObject({ code: 'K91', source: 'extract', withdrawn_on: '2026-07-01', superseded_on: null })
    expect(tombstone?.['number_digest']).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is let go when an extract still tells of them, also by a record that is set aside', async () => {
    feed('small')
    feed('clinic')
    send('small', '2026-10-01', smallLine({ ...ada, ...gone }), other)
    await made.ingest()
    send('small', '2026-10-02', smallLine(ada), other)
    send(
      'clinic',
      '2026-10-02',
      smallLine({ ...ada, No: 'c-1' }),
      smallLine({ ...ada, No: 'c-2', NHS: '' }),
      smallLine({ ...ada, No: 'c-3', Born: '31/02/1990' }),
      `1,9990000018,Zquixhart`,
    )
    const report = await made.ingest({ reject_share_limit: 1 })
    expect(report).toMatchObject({ people: 1, withdrawn: 0, excluded: { K91: 1 } })
    expect(await tracesInLanding()).toEqual([])
    expect(readdirSync(made.deployment.archive)).toEqual([])
    expect(made.lines.filter((line) => line.includes('let go'))).toEqual([
      'clinic: 2026-10-02.csv, 4 rows of people who withdrew let go',
      'small: 2026-10-02.csv, 1 rows of people who withdrew let go',
    ])
    const { landed } = report
    for (const { tallies } of landed)
      for (const { read, accepted, quarantined, duplicates } of tallies)
        expect(read).toBe(accepted + quarantined + duplicates)
  })

  it('does not take a stranger along who was given the same number by the agency', async () => {
    feed('small')
    send('small', '2026-10-01', smallLine({ ...ada, ...gone }), other)
    await made.ingest()
    send('small', '2026-10-02', smallLine({ NHS: '9990000034', Surname: 'Stranger', Born: '02/02/1980' }), other)
    expect(await made.ingest()).toMatchObject({ people: 2, excluded: { K91: 1 } })
  })

  it('is on the register again by a consent decided later, and not by one of before or of the same day', async () => {
    feed('small')
    send('small', '2026-08-01', smallLine({ ...ada, ...gone, Reviewed: '01/07/2026' }), other)
    await made.ingest()
    send('small', '2026-08-02', smallLine({ ...ada, Consented: '01/07/2026', Reviewed: '01/07/2026' }), other)
    expect(await made.ingest()).toMatchObject({ people: 1, excluded: { K91: 1 } })
    send('small', '2026-08-03', smallLine({ ...ada, Consented: '02/07/2026', Reviewed: '01/07/2026' }), other)
    expect(await made.ingest()).toMatchObject({ people: 2, excluded: { K91: 0 } })
    expect(await made.landing('select superseded_on::varchar as day from tombstones')).toEqual([{ day: '2026-07-02' }])
    // And may withdraw anew.
    send(
      'small',
      '2026-08-04',
      smallLine({ ...ada, Consent: 'Gone', Consented: '03/08/2026', Reviewed: '01/07/2026' }),
      other,
    )
    expect(await made.ingest()).toMatchObject({ people: 1, excluded: { K91: 1 } })
    expect(await tracesInLanding()).toEqual([])
  })

  it('has the same tombstones whichever extract came first', async () => {
    const said = { small: smallLine({ ...ada, ...gone }), clinic: smallLine({ ...ada, No: 'c-771' }) }
    const digests: unknown[] = []
    for (const order of [['small', 'clinic'] as const, ['clinic', 'small'] as const]) {
      made.remove()
      made = makeDeployment()
      for (const name of order) {
        feed(name)
        send(name, '2026-10-01', said[name], other)
        await made.ingest()
      }
      expect(await made.register('select count(*)::integer as n from persons')).toEqual([{ n: 1 }])
      expect(await tracesInLanding()).toEqual([])
      digests.push(
        await made.landing(
          'select withdrawn_on::varchar as day, code, count(distinct number_digest), count(distinct local_digest), count(distinct likeness_digest) from tombstones group by all',
        ),
      )
    }
    expect(digests[1]).toEqual(digests[0])
  })

  it('asked for by its reference goes at the next run; a newer consent overrules the request', async () => {
    feed('small')
    send('small', '2026-10-01', smallLine(ada), other)
    await made.ingest()
    const key = readKey(made.deployment, 'store')
    const subject = { kind: 'local', feed: 'small', localId: '1' } as const
    await keepRequest(made.deployment, key, subject, { code: 'W01', decidedOn: '2026-05-31' })
    expect(existsSync(made.deployment.unfinished)).toBe(true)
    expect(await made.ingest()).toMatchObject({ people: 2, withdrawn: 0 })
    expect(await made.landing('select * from withdrawals')).toEqual([])

    await keepRequest(
      made.deployment,
      key,
      { kind: 'number', nhsNumber: '9990000018' },
      { code: 'W01', decidedOn: '2026-10-05' },
    )
    expect(await made.ingest()).toMatchObject({ people: 1, withdrawn: 1, excluded: { K91: 1 } })
    expect(await made.landing('select distinct code, source from tombstones')).toEqual([
      { code: 'W01', source: 'request' },
    ])
    expect(await tracesInLanding()).toEqual([])
    await expect(keepRequest(made.deployment, key, subject, { code: 'W01', decidedOn: '2026-10-05' })).rejects.toThrow(
      /No agency has sent a person/,
    )
  })
})

it('a case that was never on the register has no reference', async () => {
  expect(await findServed(made.deployment, readKey(made.deployment, 'store'), { kind: 'case', caseRef: 'none' })).toBe(
    null,
  )
})
