import Libsql from 'libsql'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DsrError } from '../../register/errors.ts'
import { AuditUnavailable, openAudit, verifyAudit, type AuditEntry } from '../../store/audit.ts'

const key = randomBytes(32)

test('a log of five entries is whole', async () => {
  const path = fiveEntries()
  expect(await verifyAudit(path, key)).toEqual({ kind: 'ok', entries: 5 })
})

test('the newest entries come first and hold what was recorded', () => {
  const audit = openAudit(fiveEntries(), key)
  const [newest, before] = audit.latest(2)
  expect(newest).toEqual({ ...entry('case.view', 'subject 5'), sequence: 5, at: '2026-10-31T09:00:00.000Z' })
  expect(before?.sequence).toBe(4)
  audit.close()
})

test('an edited entry is found at its position', async () => {
  const path = fiveEntries()
  tamper(path, `update entries set body = replace(body, 'subject 3', 'subject 9') where sequence = 3`)
  expect(await verifyAudit(path, key)).toEqual({ kind: 'changed', at: 3 })
})

test('an entry edited together with its own hash is found too', async () => {
  const path = fiveEntries()
  tamper(path, `update entries set hash = '${'a'.repeat(64)}' where sequence = 3`)
  expect(await verifyAudit(path, key)).toEqual({ kind: 'changed', at: 3 })
})

test('an entry signed by another key is found at its position', async () => {
  const path = fiveEntries()
  tamper(path, `update entries set mac = '${'a'.repeat(64)}' where sequence = 4`)
  expect(await verifyAudit(path, key)).toEqual({ kind: 'changed', at: 4 })
})

test('two entries that changed places are found', async () => {
  const path = fiveEntries()
  tamper(
    path,
    'update entries set sequence = -2 where sequence = 2; update entries set sequence = 2 where sequence = 3; update entries set sequence = 3 where sequence = -2',
  )
  expect(await verifyAudit(path, key)).toEqual({ kind: 'changed', at: 2 })
})

test('a deleted entry leaves a gap at its position', async () => {
  const path = fiveEntries()
  tamper(path, 'delete from entries where sequence = 2')
  expect(await verifyAudit(path, key)).toEqual({ kind: 'gap', at: 2 })
})

test('another key is a verdict of its own, and no key to append with', async () => {
  const path = fiveEntries()
  const other = randomBytes(32)
  expect(await verifyAudit(path, other)).toEqual({ kind: 'wrongKey' })
  expect(failureOf(() => openAudit(path, other))).toBe('keyWrong')
})

test.each([
  ['changed', `update entries set body = '{}' where sequence = 1`],
  ['deleted', 'delete from entries where sequence = 5'],
  ['replaced', `insert or replace into entries (sequence, body, hash, mac) values (3, '{}', '', '')`],
  ['put in between', `insert into entries (sequence, body, hash, mac) values (9, '{}', '', '')`],
  ['given another key', `update key_check set value = ''`],
])('an entry cannot be %s by SQL', async (_how, sql) => {
  const path = fiveEntries()
  const database = new Libsql(path)
  expect(() => database.exec(sql)).toThrow('append-only')
  database.close()
  expect(await verifyAudit(path, key)).toEqual({ kind: 'ok', entries: 5 })
})

test('nothing is appended to a file that was made read-only', async () => {
  const path = fiveEntries()
  const audit = openAudit(path, key)
  chmodSync(path, 0o400)
  expect(() => audit.append(entry('case.view', 'subject 6'))).toThrow(AuditUnavailable)
  audit.close()
  expect(await verifyAudit(path, key)).toEqual({ kind: 'ok', entries: 5 })
})

test('nothing is appended to a file that was moved away', () => {
  const path = fiveEntries()
  const audit = openAudit(path, key)
  renameSync(path, `${path}.moved`)
  expect(() => audit.append(entry('case.view', 'subject 6'))).toThrow(AuditUnavailable)
  audit.close()
})

test('nothing is appended while another holds the file', () => {
  const path = fiveEntries()
  const audit = openAudit(path, key)
  const other = new Libsql(path)
  other.exec('begin immediate')
  expect(() => audit.append(entry('case.view', 'subject 6'))).toThrow(AuditUnavailable)
  other.exec('rollback')
  audit.append(entry('case.view', 'subject 6'))
  expect(audit.latest(1)[0]?.sequence).toBe(6)
  other.close()
  audit.close()
})

test('the file is readable by its owner only', () => {
  expect(statSync(fiveEntries()).mode & 0o777).toBe(0o600)
})

test('a vanished log is no empty log', async () => {
  await expect(verifyAudit('/nowhere/audit.db', key)).rejects.toThrow('ENOENT')
})

function fiveEntries(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'audit-')), 'audit.db')
  const audit = openAudit(path, key, () => new Date('2026-10-31T09:00:00Z'))
  for (let number = 1; number <= 5; number++) audit.append(entry('case.view', `subject ${number}`))
  audit.close()
  return path
}

function entry(action: string, subject: string): AuditEntry {
  return {
    who: 'development|dsr-team',
    role: 'dsr_team',
    session: 'hash of a session id',
    action,
    subject,
    outcome: 'allowed',
    requestId: 'request 1',
    dataVersion: '2026-10-31-0123456789',
  }
}

/** What someone with the file, but without the key, can do: SQLite's triggers are no match for them, the chain is. */
function tamper(path: string, sql: string): void {
  const database = new Libsql(path)
  for (const trigger of ['entries_follow', 'entries_stay', 'entries_keep']) database.exec(`drop trigger ${trigger}`)
  database.exec(sql)
  database.close()
}

function failureOf(action: () => unknown): string | null {
  try {
    action()
    return null
  } catch (error) {
    return error instanceof DsrError ? error.kind : 'other'
  }
}
