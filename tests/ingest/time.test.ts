import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

const dated = smallContract.replace('{ value: 2026-10-30 }', `{ file_name: '(\\d{4}-\\d{2}-\\d{2})' }`)
const partial = dated.replace('read:', 'extract: partial\nread:')

const ada = smallLine()
const bo = { No: '2', NHS: '9990000026', Surname: 'Reed', First: 'Bo', Born: '06/02/1991' }
const cy = { No: '3', NHS: '9990000034', Surname: 'Stone', First: 'Cy', Born: '07/03/1992' }

let made: TestDeployment
beforeEach(() => {
  made = makeDeployment()
  made.contract('small', dated)
})
afterEach(() => made.remove())

function send(day: string, ...lines: readonly string[]): string {
  return made.extract('small', `${day}.csv`, [smallHeading, ...lines].join('\n'))
}

const names = 'select given_name from people order by given_name'
const given = async (): Promise<unknown[]> => (await made.register(names)).map((row) => row['given_name'])

describe('a partial extract', () => {
  it('replaces the people in it and leaves the others', async () => {
    made.contract('small', partial)
    send('2026-10-01', ada, smallLine(bo))
    send('2026-10-08', smallLine({ ...bo, Postcode: 'HU1 1AA', Reviewed: '02/10/2026' }), smallLine(cy))
    await made.ingest()
    expect(await given()).toEqual(['Ada', 'Bo', 'Cy'])
    expect(await made.register("select postcode from people where given_name = 'Bo'")).toEqual([
      { postcode: 'HU1 1AA' },
    ])
    expect(
      await made.register('select count(*)::integer as reviews, count(distinct row_id)::integer as ids from reviews'),
    ).toEqual([{ reviews: 3, ids: 3 }])
  })

  it('is gone when a newer full one does without its people', async () => {
    made.contract('small', partial)
    send('2026-10-01', ada, smallLine(bo))
    await made.ingest()
    made.contract('small', dated)
    send('2026-10-15', smallLine(cy))
    await made.ingest()
    expect(await given()).toEqual(['Cy'])
  })

  it('counts a record that says what held already as double', async () => {
    made.contract('small', partial)
    send('2026-10-01', ada, smallLine(bo))
    send('2026-10-08', ada, smallLine({ ...bo, Postcode: 'HU1 1AA' }))
    await made.ingest()
    expect(await made.register('select rows_read, rows_accepted, rows_duplicate from feeds')).toEqual([
      { rows_read: '4', rows_accepted: '3', rows_duplicate: '1' },
    ])
    const repeats = (await made.quarantine()).filter(({ code }) => code === 'duplicate_of_earlier')
    expect(repeats).toMatchObject([{ deliveredOn: '2026-10-08', row: 2, severity: 'duplicate' }])
  })
})

describe('nobody drops off in silence', () => {
  it('a person whose record is set aside stays as known before, and it is said', async () => {
    send('2026-10-01', ada, smallLine(bo), smallLine(cy))
    await made.ingest()
    // Bo's birth date is spoilt, Cy's line is broken, Ada is no longer sent.
    send(
      '2026-10-08',
      smallLine({ ...bo, Born: '31/31/1991' }),
      `${smallLine(cy)},one too many`,
      smallLine({ No: '4', NHS: '9990000042', First: 'Di', Born: '08/04/1993', Surname: 'Hall' }),
    )
    await made.ingest({ reject_share_limit: 1 })
    expect(await given()).toEqual(['Bo', 'Cy', 'Di'])
    expect(await made.register('select people_held_over from feeds')).toEqual([{ people_held_over: '2' }])
    expect(await made.register('select count(*)::integer as n from reviews')).toEqual([{ n: 3 }])
    const held = await made.quarantine()
    expect(held.find((row) => row.column === 'Born')?.heldOverFrom).toBe('2026-10-01')
  })

  it('a withdrawal in a record set aside for another fault is heard', async () => {
    send('2026-10-01', ada, smallLine(bo))
    await made.ingest()
    send('2026-10-08', ada, smallLine({ ...bo, Born: '31/31/1991', Consent: 'Gone', Consented: '05/10/2026' }))
    await made.ingest({ reject_share_limit: 1 })
    expect(await given()).toEqual(['Ada'])
  })
})

describe('a file out of turn', () => {
  it('older than what the feed has told is refused, and taken when accepted with a reason', async () => {
    send('2026-10-08', ada)
    await made.ingest()
    send('2026-10-01', ada, smallLine(bo))
    await expect(made.ingest()).rejects.toThrow(/of 2026-10-01, but the feed has told of 2026-10-08/)
    await expect(made.ingest({}, '2026-11-01', { feed: 'smal', reason: 'asked the agency' })).rejects.toThrow(
      /nearest is small/,
    )
    await made.ingest({}, '2026-11-01', { feed: 'small', reason: 'asked the agency' })
    expect(await given()).toEqual(['Ada'])
    expect(await made.landing("select forced_reason from deliveries where delivered_on = '2026-10-01'")).toEqual([
      { forced_reason: 'asked the agency' },
    ])
  })

  it('of the same day with other content, without a record, or with half the records is refused', async () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      smallLine({
        No: String(index),
        NHS: '',
        First: `A${'bcdefghijklmnopqrstuvwxyz'[index] ?? ''}`,
        Reviewed: '',
        Note: '',
      }),
    )
    send('2026-10-08', ...many)
    await made.ingest()
    made.extract('small', 'again 2026-10-08.csv', [smallHeading, ...many.slice(1)].join('\n'))
    send('2026-10-09', ...many.slice(0, 9))
    send('2026-10-10')
    const refusal = made.ingest()
    await expect(refusal).rejects.toThrow(/another full extract of 2026-10-08/)
    await expect(refusal).rejects.toThrow(/holds 9 records, the last full one held 20/)
    await expect(refusal).rejects.toThrow(/holds no record/)
  })
})

describe('the manifest of a sender', () => {
  const manifest = (content: string, more: object = {}): string =>
    JSON.stringify({
      sha256: createHash('sha256').update(content).digest('hex'),
      rows: 1,
      as_of: '2026-10-08',
      agency: 'small',
      ...more,
    })

  it('that agrees is noted, and goes with its file', async () => {
    const path = send('2026-10-08', ada)
    writeFileSync(`${path}.manifest.json`, manifest(`${smallHeading}\n${ada}`))
    await made.ingest()
    expect(await made.landing('select manifest from deliveries')).toEqual([{ manifest: 'agreed' }])
    expect(existsSync(`${path}.manifest.json`)).toBe(false)
  })

  it('that does not agree stops the file, naming what differs', async () => {
    const path = send('2026-10-08', ada)
    writeFileSync(`${path}.manifest.json`, manifest('other', { rows: 2, as_of: '2026-10-07' }))
    await expect(made.ingest()).rejects.toThrow(
      /in the digest \(sha256\), the number of records \(2 against 1 read\), the day/,
    )
  })
})

describe('people of another feed', () => {
  const visits = `
feed: visits
agency: { name: Small agency (made up), kind: A02 }
basis: register_consent
people_of: small
from: { folder: extracts/visits, files: '*.csv' }
delivered_on: { value: 2026-10-30 }
read: { format: csv }
dates: ['%d/%m/%Y']
tables:
  reviews: { fields: { local_id: Person, held_on: Day, kind: { value: dsr } } }
`

  it('get the rows that hang on them; rows without their person wait until it comes', async () => {
    made.contract('visits', visits)
    made.extract('visits', 'a.csv', 'Person,Day\n1,02/10/2026\n2,03/10/2026\n')
    send('2026-10-08', ada)
    expect((await made.ingest()).waitingRows).toBe(1)
    send('2026-10-09', ada, smallLine(bo))
    expect((await made.ingest()).waitingRows).toBe(0)
    expect(await made.register("select count(*)::integer as n from reviews where feed = 'visits'")).toEqual([{ n: 2 }])
  })

  it('must be those of a feed that has people', async () => {
    made.contract('visits', visits.replace('people_of: small', 'people_of: smal'))
    await expect(made.ingest()).rejects.toThrow(
      /people_of: no feed with people has that name; the nearest known one is small/,
    )
  })
})

describe('the order of arrival', () => {
  // Case references are random by design, so they are left out.
  const tables = [
    'people',
    'agency_records',
    'reviews',
    'ratings',
    'disagreements',
    'feeds',
    'quarantine_counts',
    'exclusions',
  ]

  it('changes nothing in the register', { timeout: 240_000 }, async () => {
    const files: readonly (readonly [string, string, readonly string[]])[] = [
      ['small', '2026-10-01.csv', [ada, smallLine(bo)]],
      ['part', '2026-10-02.csv', [smallLine({ ...cy, Colour: 'red' }), smallLine(bo)]],
      ['small', '2026-10-08.csv', [smallLine({ ...bo, Born: '31/31/1991' }), ada]],
      ['part', '2026-10-09.csv', [smallLine({ ...cy, Colour: 'amber' }), smallLine(bo)]],
    ]
    const exports: string[] = []
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
    ]) {
      const one = makeDeployment()
      try {
        one.contract('small', dated)
        one.contract('part', partial.replaceAll('small', 'part'))
        for (const index of order) {
          const [feed, file, lines] = files[index] ?? ['', '', []]
          one.extract(feed, file, [smallHeading, ...lines].join('\n'))
          await one.ingest({ reject_share_limit: 1 }, '2026-11-01', { feed, reason: 'a test of the order' })
        }
        const rows = await Promise.all(tables.map((table) => one.register(`from ${table} order by all`)))
        exports.push(
          JSON.stringify([...rows, await one.register('select * exclude (case_ref) from persons order by all')]),
        )
      } finally {
        one.remove()
      }
    }
    expect(exports[1]).toBe(exports[0])
    expect(exports[2]).toBe(exports[0])
  })

  it('an extract that has not changed since is of its own day all the same', async () => {
    send('2026-10-08', ada)
    await made.ingest()
    send('2026-10-15', ada)
    await made.ingest()
    send('2026-10-15', ada)
    await made.ingest()
    expect(await made.register('select delivered_on::varchar as day, rows_read::integer as rows from feeds')).toEqual([
      { day: '2026-10-15', rows: 1 },
    ])
    expect(await made.landing('select count(*)::integer as deliveries from deliveries')).toEqual([{ deliveries: 2 }])
  })

  it('and what was known on a day is what had been landed by then', async () => {
    send('2026-10-08', ada)
    await made.ingest({}, '2026-10-10')
    send('2026-10-15', ada, smallLine(bo))
    await made.ingest({}, '2026-10-20')
    expect(await made.landing('select landed_on::varchar as day from deliveries order by day')).toEqual([
      { day: '2026-10-10' },
      { day: '2026-10-20' },
    ])
    expect((await made.known('2026-10-12')).people).toBe(1)
    expect((await made.known('2026-10-20')).people).toBe(2)
    await expect(made.known('2026-10-09')).rejects.toThrow('the first extract was landed on 2026-10-10')
  })
})
