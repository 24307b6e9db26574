import { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { guardWarehouse } from '../../pseudonymise/guard.ts'
import { pseudonymise } from '../../pseudonymise/pseudonymise.ts'
import { deriveKey } from '../../store/keys.ts'
import { makeRegister, makeStep } from './makeRegister.ts'

// SQL texts reach logs, profiles and errors of DuckDB: none may hold a key or a value (security.md KE-03, DB-06).

const said: string[] = []
const keys = { store: Buffer.alloc(32, 'keystore'), pseudonym: Buffer.alloc(32, 'keypseud') }

beforeAll(async () => {
  const step = { ...makeStep(), keys }
  await makeRegister(step, {
    people: [
      { person_id: 'wexcombeperson', nhs_number: '9990000026', family_name: 'Wexcombe', date_of_birth: '1987-06-05' },
    ],
  })
  for (const method of ['run', 'runAndReadAll'] as const) {
    const real = DuckDBConnection.prototype[method] as (sql: string, ...rest: unknown[]) => Promise<never>
    vi.spyOn(DuckDBConnection.prototype, method).mockImplementation(function (this: DuckDBConnection, sql, ...rest) {
      said.push(sql)
      return real.call(this, sql, ...rest)
    })
  }
  await pseudonymise(step)
  await guardWarehouse(step)
})

afterAll(() => void vi.restoreAllMocks())

test('no key is in any SQL text, in whatever form', () => {
  const all = said.join('\n').toLowerCase()
  expect(all).toContain('encryption_key $key')
  const derived = ['stored-pseudonym', 'record-key', 'audit-ref'].map((label) => deriveKey(keys.pseudonym, label))
  // HMAC is given its key as two pads.
  const padded = [0x36, 0x5c].flatMap((byte) => derived.map((key) => Buffer.from(key.map((value) => value ^ byte))))
  for (const key of [...Object.values(keys), ...derived, ...padded])
    for (const form of ['latin1', 'hex', 'base64'] as const)
      expect(all).not.toContain(key.toString(form).slice(0, 16).toLowerCase())
})

test('no value of a person is in any SQL text', () => {
  expect(said.length).toBeGreaterThan(40)
  expect(said.filter((sql) => /wexcombe|9990000026|1987-06-05/i.test(sql))).toEqual([])
})
