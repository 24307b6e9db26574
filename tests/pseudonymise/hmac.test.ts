import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bindHmacKey, hmacSql } from '../../store/hmac.ts'
import { deriveKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { keyLabels } from '../../pseudonymise/makePseudonyms.ts'
import { runSql } from '../../pseudonymise/runSql.ts'
import { makeFolder } from './makeRegister.ts'

// The other cases of RFC 4231, and random input, are in tests/store/hmac.test.ts.
test('the 128 bits that are kept are those of RFC 4231, case 5', async () => {
  const database = await openDuckDB({ attach: [] })
  await bindHmacKey(database.connection, 'test', Buffer.alloc(20, 0x0c))
  const [row] = await runSql(
    database.connection,
    'testing',
    `select left(${hmacSql('test', `'Test With Truncation'`)}, 32) as kept`,
  )
  database.close()
  expect(row?.['kept']).toBe('a3b6167473100ee06e0c796c2955552b')
})

test('a derived key is HKDF-SHA-256 of RFC 5869, written out', () => {
  const hmac = (key: Buffer, text: Buffer): Buffer => createHmac('sha256', key).update(text).digest()
  const written = (key: Buffer, label: string): Buffer =>
    hmac(hmac(Buffer.alloc(32), key), Buffer.from(`dsr/${label}\u0001`))
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(...Object.values(keyLabels), 'extract/homes'),
      (bytes, label) => {
        expect(deriveKey(Buffer.from(bytes), label)).toEqual(written(Buffer.from(bytes), label))
      },
    ),
    { seed: 20261101, numRuns: 50 },
  )
})

test('one key and one message give four unrelated results under the four labels', async () => {
  const database = await openDuckDB({ attach: [] })
  const labels = [...Object.values(keyLabels), 'extract/homes', 'extract/schools']
  const key = Buffer.alloc(32, 7)
  const digests = new Set<unknown>()
  for (const label of labels) {
    await bindHmacKey(database.connection, 'test', deriveKey(key, label))
    const [row] = await runSql(database.connection, 'testing', `select ${hmacSql('test', `'9990000018'`)} as digest`)
    digests.add(row?.['digest'])
    expect(row?.['digest']).toBe(createHmac('sha256', deriveKey(key, label)).update('9990000018').digest('hex'))
  }
  database.close()
  expect(digests.size).toBe(labels.length)
})

/** All ways in which bytes could stand in a text. */
function formsOf(key: Buffer): string[] {
  const pads = [0x36, 0x5c].map((pad) => Buffer.from(key.map((byte) => byte ^ pad)))
  return [key, ...pads].flatMap((bytes) => [
    bytes.toString('latin1'),
    bytes.toString('hex'),
    bytes.toString('base64').slice(0, 40),
    // As DuckDB writes bytes that are no text.
    [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  ])
}

function leaksIn(texts: readonly string[], keys: readonly Buffer[]): number {
  const all = texts.join('\n').toLowerCase()
  return keys.flatMap(formsOf).filter((form) => all.includes(form.slice(0, 24).toLowerCase())).length
}

/** What DuckDB says, and what our own error path makes of it. */
async function said(work: Promise<unknown>): Promise<string> {
  return work.then(
    (rows) => JSON.stringify(rows, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
    (error: unknown) => (error instanceof Error ? `${error.message} ${error.stack} ${String(error.cause)}` : ''),
  )
}

test('key bytes are in no setting, statement, profile or error, with a syntax error and a bad option forced', async () => {
  const hmacKey = Buffer.from('an hmac key of plain ascii bytes', 'latin1')
  const storeKey = Buffer.from('a store key of plain ascii bytes', 'latin1')
  const folder = makeFolder()
  const database = await openDuckDB({
    attach: [{ path: join(folder, 'locked.duckdb'), alias: 'locked', key: storeKey }],
    extensions: ['httpfs'],
  })
  const { connection } = database
  const profile = join(folder, 'profile.json')
  const texts: string[] = []
  await connection.run(`call enable_logging(level => 'trace')`)
  await connection.run(`pragma enable_profiling = 'json'`)
  await connection.run(`pragma profiling_output = '${profile}'`)
  await connection.run(`pragma profiling_mode = 'detailed'`)
  await bindHmacKey(connection, 'test', hmacKey)
  const sql = `select ${hmacSql('test', `'9990000026'`)} as digest`
  texts.push(sql, await said(connection.runAndReadAll(sql).then((reader) => reader.getRowObjectsJson())))
  const profiled = readFileSync(profile, 'utf8')
  const encoded = storeKey.toString('base64')
  for (const wrong of [
    `selekt ${hmacSql('test', `'9990000026'`)}`,
    `select ${hmacSql('test', `'9990000026'`)} frm nowhere`,
    `explain analyze ${sql}`,
    `set memory_limit = 'plenty'`,
  ])
    texts.push(await said(runSql(connection, 'testing', wrong)), await said(connection.run(wrong)))
  const elsewhere = join(folder, 'nowhere/other.duckdb')
  const attached = (options: string): Promise<unknown> =>
    connection.run(`attach '${elsewhere}' as other (${options})`, { key: encoded })
  for (const options of ['encryption_key $key, no_such_option 1', 'encryption_key $key'])
    texts.push(await said(attached(options)))
  // Too short for a key, and no place for a file: what openDuckDB makes of DuckDB's complaint.
  for (const wrongKey of [storeKey, storeKey.subarray(0, 25)])
    texts.push(await said(openDuckDB({ attach: [{ path: elsewhere, alias: 'other', key: wrongKey }] })))
  for (const source of ['duckdb_settings()', 'duckdb_logs()', 'duckdb_databases()', 'duckdb_secrets()'])
    texts.push(
      await said(connection.runAndReadAll(`select * from ${source}`).then((reader) => reader.getRowObjectsJson())),
    )
  const quoted = await said(attached('encryption_key $key, encryption_cipher $key'))
  database.close()
  expect(profiled).toContain('sha256')
  expect(texts.join('\n')).toContain('Parser Error')
  expect(texts.join('\n')).toContain('set variable test_ik = $1')
  expect(leaksIn([...texts, profiled], [hmacKey, storeKey])).toBe(0)
  // DuckDB does quote the value of an option: hence openDuckDB drops its text. And the search finds what it looks for.
  expect(leaksIn([quoted], [storeKey])).toBe(1)
})
