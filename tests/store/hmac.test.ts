import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bindHmacKey, forgetHmacKey, hmacSql } from '../../store/hmac.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'

let database: Database
beforeAll(async () => {
  database = await openDuckDB({ attach: [], lockDown: true })
})
afterAll(() => database.close())

async function hmac(key: Buffer, message: string | null): Promise<unknown> {
  await bindHmacKey(database.connection, 'test', key)
  const reader = await database.connection.runAndReadAll(`select ${hmacSql('test', 'cast($1 as varchar)')} as digest`, [
    message,
  ])
  return reader.getRowObjects()[0]?.['digest']
}

/** RFC 4231, section 4: the cases whose data is text (3 and 4 have bytes that are no UTF-8 and cannot come from a column). */
const vectors = [
  ['1', '0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    '2',
    Buffer.from('Jefe').toString('hex'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '6',
    'aa'.repeat(131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    '7',
    'aa'.repeat(131),
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
] as const

test.each(vectors)('the SQL gives vector %s of RFC 4231', async (_, key, message, digest) => {
  expect(await hmac(Buffer.from(key, 'hex'), message)).toBe(digest)
})

test('the SQL gives the bytes of vectors 3 and 4 too', async () => {
  for (const [key, data, digest] of [
    ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [
      '0102030405060708090a0b0c0d0e0f10111213141516171819',
      'cd'.repeat(50),
      '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
  ] as const) {
    await bindHmacKey(database.connection, 'test', Buffer.from(key, 'hex'))
    const sql = hmacSql('test', '$1').replace('encode($1)', 'unhex($1)')
    const reader = await database.connection.runAndReadAll(`select ${sql} as digest`, [data])
    expect(reader.getRowObjects()[0]?.['digest']).toBe(digest)
  }
})

test('any key and any text give what node:crypto gives', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((value) => !value.includes('\0'))
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), text, async (bytes, message) => {
      const key = Buffer.from(bytes)
      expect(await hmac(key, message)).toBe(createHmac('sha256', key).update(message).digest('hex'))
    }),
    { seed: 20261101, numRuns: 150 },
  )
})

test('nothing has no digest', async () => {
  expect(await hmac(randomBytes(32), null)).toBeNull()
})

test('a forgotten key is no longer on the connection', async () => {
  await bindHmacKey(database.connection, 'test', randomBytes(32))
  await forgetHmacKey(database.connection, 'test')
  const reader = await database.connection.runAndReadAll(
    'select count(*)::integer as left_over from duckdb_variables()',
  )
  expect(reader.getRowObjects()).toEqual([{ left_over: 0 }])
})

test('key bytes are in no log, profile or error of DuckDB', async () => {
  const open = await openDuckDB({ attach: [] })
  const key = Buffer.from('a key whose bytes are plain ascii')
  const run = async (sql: string): Promise<string> => {
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
    return open.connection.runAndReadAll(sql).then(
      (reader) => text(reader.getRowObjectsJson()),
      (error: unknown) => String(error),
    )
  }
  await run(`call enable_logging(level => 'trace')`)
  await bindHmacKey(open.connection, 'test', key)
  const profile = await run(`explain analyze select ${hmacSql('test', `'9990000026'`)}`)
  const fault = await run(`select cast(${hmacSql('test', `'9990000026'`)} as date)`)
  const log = await run('select * from duckdb_logs()')
  open.close()
  expect(log).toContain('set variable test_ik = $1')
  expect(profile).toContain('Total Time')
  expect(fault).toContain('Conversion Error')
  for (const pad of [0x36, 0x5c]) {
    const bytes = Buffer.from(key.map((byte) => byte ^ pad)).toString('latin1')
    for (const form of [
      key.toString(),
      key.toString('hex'),
      key.toString('base64'),
      bytes,
      Buffer.from(bytes, 'latin1').toString('hex'),
    ]) {
      expect(`${log} ${profile} ${fault}`.toLowerCase()).not.toContain(form.slice(0, 12).toLowerCase())
    }
  }
})
