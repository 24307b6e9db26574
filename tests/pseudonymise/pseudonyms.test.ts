import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkKeyVersion } from '../../pseudonymise/checkKeyVersion.ts'
import { keyLabels, makePseudonyms } from '../../pseudonymise/makePseudonyms.ts'
import { runSql } from '../../pseudonymise/runSql.ts'
import { checkDigit, isNhsNumber } from '../../register/nhsNumber.ts'
import { deriveKey, firstGeneration, type KeyGeneration } from '../../store/keys.ts'
import { openDuckDB, type Database } from '../../store/openDuckDB.ts'

interface Person {
  readonly person_id: string
  readonly nhs_number: string | null
}

interface Made {
  readonly person_id: string
  readonly pseudonym: string
  readonly record_key: number
  readonly audit_ref: string
}

/** The tables of a register that pseudonyms are made of, in memory. */
async function withRegister<Result>(
  people: readonly Person[],
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDuckDB({ attach: [] })
  try {
    await database.connection.run(`attach ':memory:' as register`)
    for (const table of ['persons', 'statutory_admissions'])
      await database.connection.run(`create table register.main.${table} (person_id varchar, nhs_number varchar)`)
    await database.connection.run('create table register.main.people (person_id varchar, date_of_birth date)')
    for (const { person_id, nhs_number } of people)
      await database.connection.run('insert into register.main.persons values ($1, $2)', [person_id, nhs_number])
    return await work(database)
  } finally {
    database.close()
  }
}

async function pseudonymsIn({ connection }: Database): Promise<readonly Made[]> {
  const rows = await runSql(connection, 'testing', 'select * from register.main.pseudonyms order by person_id')
  return rows as unknown as Made[]
}

async function made(
  people: readonly Person[],
  key: Buffer,
  generation: KeyGeneration = firstGeneration,
): Promise<readonly Made[]> {
  return withRegister(people, async (database) => {
    await makePseudonyms(database.connection, key, generation)
    return pseudonymsIn(database)
  })
}

const key = Buffer.alloc(32, 3)
const [ada, ben, cy]: readonly [Person, Person, Person] = [
  { person_id: 'ada', nhs_number: '9990000026' },
  { person_id: 'ben', nhs_number: '9990000034' },
  { person_id: 'cy', nhs_number: null },
]

/** What a rotation hands on from the first key. */
function rotated(first: Buffer, version: number): KeyGeneration {
  const kept = { version: 1, record: deriveKey(first, keyLabels.record), audit: deriveKey(first, keyLabels.audit) }
  return { version, kept }
}

const anyNumber = fc
  .integer({ min: 0, max: 99_999 })
  .map((serial) => `9990${String(serial).padStart(5, '0')}`)
  .map((nine) => `${nine}${checkDigit(nine)}`)
  .filter(isNhsNumber)

test('for any key and any people, the SQL gives what node:crypto gives', async () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
  await fc.assert(
    fc.asyncProperty(bytes, fc.uniqueArray(anyNumber, { minLength: 1, maxLength: 5 }), async (any, numbers) => {
      const people = [...numbers, null].map((nhs_number, index) => ({ person_id: `person-${index}`, nhs_number }))
      const digest = (label: string, message: string): string =>
        createHmac('sha256', deriveKey(Buffer.from(any), label))
          .update(message)
          .digest('hex')
      const expected = people.map(({ person_id, nhs_number }) => ({
        person_id,
        pseudonym: nhs_number
          ? `p1_${digest('stored-pseudonym', `dsr/pseudonym/v1|${nhs_number}`).slice(0, 32)}`
          : `p1x_${digest('stored-pseudonym', `dsr/pseudonym/v1/person|${person_id}`).slice(0, 32)}`,
        record_key: parseInt(
          digest('record-key', `dsr/record-key/v1|${nhs_number ?? `person|${person_id}`}`).slice(0, 2),
          16,
        ),
        audit_ref: `a1_${digest('audit-ref', `dsr/audit-ref/v1|${person_id}`).slice(0, 32)}`,
      }))
      expect(await made(people, Buffer.from(any))).toEqual(expected)
    }),
    { seed: 20261101, numRuns: 15 },
  )
})

describe('a person without an NHS number', () => {
  test('is under the number’s pseudonym from the day it arrives, with the same audit reference', async () => {
    const [, , before] = await made([ada, ben, cy], key)
    const [, , after] = await made([ada, ben, { ...cy, nhs_number: '9990000042' }], key)
    const [elsewhere] = await made([{ person_id: 'somebody', nhs_number: '9990000042' }], key)
    expect(before?.pseudonym).toMatch(/^p1x_[0-9a-f]{32}$/)
    expect(after?.pseudonym).toBe(elsewhere?.pseudonym)
    expect(after?.audit_ref).toBe(before?.audit_ref)
  })

  test('has another pseudonym than whose number it would be as a person id', async () => {
    const [one, two] = await made([{ person_id: '9990000026', nhs_number: null }, ada], key)
    expect(one?.pseudonym.slice(-32)).not.toBe(two?.pseudonym.slice(-32))
  })
})

describe('a rotated key (security.md PS-07)', () => {
  test('gives everyone a pseudonym of the new version, and leaves record keys and audit references as they were', async () => {
    const before = await made([ada, ben, cy], key)
    const after = await made([ada, ben, cy], Buffer.alloc(32, 4), rotated(key, 2))
    expect(after.map(({ pseudonym }) => pseudonym.replace(/_.*/, ''))).toEqual(['p2', 'p2', 'p2x'])
    const tails = [...before, ...after].map(({ pseudonym }) => pseudonym.slice(-32))
    expect(new Set(tails).size).toBe(6)
    const steady = (rows: readonly Made[]) => rows.map(({ record_key, audit_ref }) => [record_key, audit_ref])
    expect(steady(after)).toEqual(steady(before))
  })

  test('gives other pseudonyms even if the new key had the same bytes', async () => {
    const [one] = await made([ada], key)
    const [two] = await made([ada], key, { version: 2, kept: null })
    expect(one?.pseudonym.slice(-32)).not.toBe(two?.pseudonym.slice(-32))
    expect(two?.audit_ref).toMatch(/^a2_/)
  })

  test('is never mixed with the old one: a single pseudonym of the old version is found', async () => {
    await withRegister([ada, ben, cy], async (database) => {
      const { connection } = database
      await makePseudonyms(connection, Buffer.alloc(32, 4), rotated(key, 2))
      await expect(checkKeyVersion(connection, 2)).resolves.toBeUndefined()
      await expect(checkKeyVersion(connection)).resolves.toBeUndefined()
      await expect(checkKeyVersion(connection, 1)).rejects.toThrow(/version 1 of the key were expected; found: 2/)
      await connection.run(
        `update register.main.pseudonyms set pseudonym = replace(pseudonym, 'p2', 'p1') where person_id = 'ben'`,
      )
      for (const wanted of [1, 2, undefined])
        await expect(checkKeyVersion(connection, wanted)).rejects.toMatchObject({
          kind: 'corrupt',
          message: expect.stringContaining('found: 1, 2') as string,
        })
      await connection.run(`update register.main.pseudonyms set pseudonym = 'ben' where person_id = 'ben'`)
      await expect(checkKeyVersion(connection, 2)).rejects.toThrow('found: 0, 2')
    })
  })
})
