import Libsql from 'libsql'
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { closeSync, openSync, statSync } from 'node:fs'
import { DsrError } from '../register/errors.ts'
import { deriveKey } from './keys.ts'

/** What is recorded of one action (security.md AD-02). Never a name, a date of birth or an NHS number of a person on the register. */
export interface AuditEntry {
  /** Issuer and subject of the user; `nobody` when no one has signed in. */
  readonly who: string
  readonly role: string | null
  /** Hash of the session id. */
  readonly session: string | null
  readonly action: string
  /** The person's audit reference (`pseudonyms.audit_ref`), or null where no one person is concerned. */
  readonly subject: string | null
  readonly outcome: 'allowed' | 'denied' | 'failed'
  readonly requestId: string
  readonly dataVersion: string | null
  /** Code of the reason, where an action needs one. */
  readonly reason?: string
  /** Words of whoever acted, where an action needs them too; they are told to name nobody. */
  readonly note?: string
}

export interface RecordedEntry extends AuditEntry {
  readonly sequence: number
  /** UTC, ISO 8601. */
  readonly at: string
}

/**
 * What a check of the whole chain finds. Entries cut off at the end, or a whole log put back from an old copy, need an
 * anchor outside the writer's reach (security.md AD-04), which does not exist yet: `ok` says nothing about those two.
 */
export type AuditVerdict =
  | { readonly kind: 'ok'; readonly entries: number }
  | { readonly kind: 'changed'; readonly at: number }
  | { readonly kind: 'gap'; readonly at: number }
  | { readonly kind: 'wrongKey' }

export interface Audit {
  /** Durable on the disk when it returns; throws when that cannot be, and then nothing may be shown (ID-06). */
  append(entry: AuditEntry): void
  /**
   * The same, unless the action has been recorded `limit` times since a time (UTC, ISO 8601), refusals not counted. Counting
   * and writing are one transaction, so that two at once cannot both be the last.
   * @returns whether the entry was written
   */
  appendWithin(entry: AuditEntry, limit: number, since: string): boolean
  /** The newest entries, newest first. */
  latest(limit: number): readonly RecordedEntry[]
  close(): void
}

/** Thrown by `append`; whoever asked gets 503 and nothing else. */
export class AuditUnavailable extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'AuditUnavailable'
  }
}

const start = '0'.repeat(64)

// A body is kept as the very bytes that were hashed, so that a later field needs no second canonical form. The trigger on
// inserts is also what stops `insert or replace`, which fires no delete trigger.
const schema = `
  create table if not exists entries (
    sequence integer primary key,
    body text not null,
    hash text not null,
    mac text not null
  ) strict;
  create table if not exists key_check (value text not null) strict;
  create trigger if not exists entries_follow before insert on entries
    when new.sequence is not (select coalesce(max(sequence), 0) + 1 from entries)
    begin select raise(abort, 'the audit is append-only'); end;
  create trigger if not exists entries_stay before delete on entries
    begin select raise(abort, 'the audit is append-only'); end;
  create trigger if not exists entries_keep before update on entries
    begin select raise(abort, 'the audit is append-only'); end;
  create trigger if not exists key_check_once before insert on key_check
    when (select count(*) from key_check) > 0
    begin select raise(abort, 'the audit is append-only'); end;
  create trigger if not exists key_check_stays before delete on key_check
    begin select raise(abort, 'the audit is append-only'); end;
  create trigger if not exists key_check_keeps before update on key_check
    begin select raise(abort, 'the audit is append-only'); end;
`

/**
 * Opens the audit for appending; makes it when there is none. The log is WAL with synchronous=FULL: one fsync an entry.
 * @param key the deployment's audit key (32 bytes). A key that did not begin this log stops the start.
 */
export function openAudit(path: string, key: Buffer, now: () => Date = () => new Date()): Audit {
  closeSync(openSync(path, 'a', 0o600))
  const database = new Libsql(path, { timeout: 2000 })
  const macKey = deriveKey(key, 'audit/chain')
  try {
    database.pragma('journal_mode = wal')
    database.pragma('synchronous = full')
    database.exec(schema)
    requireKey(database, macKey, path)
  } catch (error) {
    database.close()
    throw error instanceof DsrError ? error : damaged(path)
  }
  const opened = statSync(path).ino
  const newest = database.prepare('select sequence, hash from entries order by sequence desc limit 1')
  const insert = database.prepare('insert into entries (sequence, body, hash, mac) values (?, ?, ?, ?)')
  const insertNext = (entry: AuditEntry): void => {
    const last = newest.get() as { sequence: number; hash: string } | undefined
    const sequence = (last?.sequence ?? 0) + 1
    const body = JSON.stringify({ at: now().toISOString(), ...entry })
    const hash = hashOf(last?.hash ?? start, sequence, body)
    insert.run([sequence, body, hash, macOf(macKey, hash)])
  }
  const appendInside = database.transaction(insertNext)
  const recent = database.prepare(
    `select count(*) as times from entries
    where body ->> '$.action' = ? and body ->> '$.at' >= ? and body ->> '$.outcome' <> 'denied'`,
  )
  const appendInsideLimit = database.transaction((entry: AuditEntry, limit: number, since: string): boolean => {
    const { times } = recent.get([entry.action, since]) as { times: number }
    if (times >= limit) return false
    insertNext(entry)
    return true
  })
  const durably = <Result>(write: () => Result): Result => {
    requireWritable(path, opened)
    try {
      return write()
    } catch {
      throw new AuditUnavailable('The audit cannot be written.')
    }
  }
  return {
    append(entry) {
      durably(() => appendInside.immediate(entry))
    },
    appendWithin(entry, limit, since) {
      return durably(() => appendInsideLimit.immediate(entry, limit, since))
    },
    latest(limit) {
      const rows = database.prepare('select sequence, body from entries order by sequence desc limit ?').all([limit])
      return (rows as { sequence: number; body: string }[]).map(({ sequence, body }) => ({
        ...(JSON.parse(body) as Omit<RecordedEntry, 'sequence'>),
        sequence,
      }))
    },
    close() {
      database.close()
    },
  }
}

/** Checks every entry from the first on. Works in portions, so that a long log does not hold up other requests. */
export async function verifyAudit(path: string, key: Buffer): Promise<AuditVerdict> {
  // Opening makes a file that is not there; an audit that has vanished must not look like a new, empty one.
  statSync(path)
  const database = new Libsql(path, { timeout: 2000 })
  const macKey = deriveKey(key, 'audit/chain')
  const portion = 5000
  const read = database.prepare(
    'select sequence, body, hash, mac from entries where sequence > ? order by sequence limit ?',
  )
  let previous = start
  let expected = 1
  let firstForeign: number | null = null
  let ours = 0
  try {
    for (;;) {
      const rows = read.all([expected - 1, portion]) as { sequence: number; body: string; hash: string; mac: string }[]
      for (const row of rows) {
        if (row.sequence !== expected) return { kind: 'gap', at: expected }
        if (hashOf(previous, row.sequence, row.body) !== row.hash) {
          // An entry that was changed together with its own hash is given away by the next one.
          return { kind: 'changed', at: firstForeign === expected - 1 ? expected - 1 : expected }
        }
        if (same(macOf(macKey, row.hash), row.mac)) ours++
        else firstForeign ??= row.sequence
        previous = row.hash
        expected++
      }
      if (rows.length < portion) break
      await new Promise(setImmediate)
    }
  } finally {
    database.close()
  }
  if (firstForeign === null) return { kind: 'ok', entries: expected - 1 }
  return ours === 0 ? { kind: 'wrongKey' } : { kind: 'changed', at: firstForeign }
}

function hashOf(previous: string, sequence: number, body: string): string {
  return createHash('sha256').update(`${previous}\n${sequence}\n${body}`).digest('hex')
}

function macOf(macKey: Buffer, hash: string): string {
  return createHmac('sha256', macKey).update(hash).digest('hex')
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function requireKey(database: InstanceType<typeof Libsql>, macKey: Buffer, path: string): void {
  const check = macOf(macKey, 'key check')
  const row = database.prepare('select value from key_check').get() as { value: string } | undefined
  if (row === undefined) database.prepare('insert into key_check (value) values (?)').run([check])
  else if (!same(row.value, check)) {
    throw new DsrError('keyWrong', `The audit key does not fit ${path}.`, 'Put back the audit key that belongs to it.')
  }
}

/**
 * SQLite goes on writing to a file that was taken away or made read-only after it was opened; such entries would be
 * lost, or written against the operator's will, and nobody would know.
 */
function requireWritable(path: string, opened: number): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.ino !== opened) throw new AuditUnavailable('The audit file was moved or removed.')
  if ((stat.mode & 0o200) === 0) throw new AuditUnavailable('The audit file is read-only.')
}

function damaged(path: string): DsrError {
  return new DsrError(
    'corrupt',
    `The audit ${path} cannot be opened: it is damaged or locked.`,
    'Restore it from a backup.',
  )
}
