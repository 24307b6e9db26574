import { Kysely, SqliteDialect, type ColumnType } from 'kysely'
import Libsql from 'libsql'
import { closeSync, openSync } from 'node:fs'
import { DsrError } from '../register/errors.ts'

/** Times are milliseconds since 1970 UTC, so that ages are plain subtractions. */
export interface AppTables {
  /** Keyed by issuer and subject, so that two sign-in providers cannot collide (security.md AU-08). */
  users: {
    user_id: string
    name: string
    is_active: ColumnType<number, number | undefined, number>
    is_made_up: number
  }
  /** One role of one user; it ends at `expires_at` or when it is revoked (AZ-08). */
  grants: {
    grant_id: string
    user_id: string
    role: string
    granted_by: string
    granted_at: number
    expires_at: number | null
    revoked_at: number | null
  }
  /** The places of a grant. A grant without a row here reaches no place. */
  grant_places: { grant_id: string; icb_ods: string }
  /** Only a hash of the id is kept: a stolen copy of the file opens no session (SE-01). */
  sessions: { id_hash: string; grant_id: string; started_at: number; seen_at: number }
  /** Cases of people who withdrew: no page shows them, from this moment on until the next run takes them out. */
  sealed: { case_ref: string; sealed_at: number }
}

export type AppDatabase = Kysely<AppTables>

const schema = `
  create table if not exists users (
    user_id text primary key, name text not null, is_active integer not null default 1, is_made_up integer not null
  ) strict;
  create table if not exists grants (
    grant_id text primary key, user_id text not null references users (user_id), role text not null,
    granted_by text not null, granted_at integer not null, expires_at integer, revoked_at integer
  ) strict;
  create table if not exists grant_places (
    grant_id text not null references grants (grant_id), icb_ods text not null, primary key (grant_id, icb_ods)
  ) strict;
  create table if not exists sessions (
    id_hash text primary key, grant_id text not null references grants (grant_id),
    started_at integer not null, seen_at integer not null
  ) strict;
  create table if not exists sealed (case_ref text primary key, sealed_at integer not null) strict;
`

/** Opens the store of users, grants and sessions (libsql, WAL, synchronous=FULL, readable by its owner only). */
export function openAppDatabase(path: string): AppDatabase {
  closeSync(openSync(path, 'a', 0o600))
  const database = new Libsql(path, { timeout: 2000 })
  try {
    database.pragma('journal_mode = wal')
    database.pragma('synchronous = full')
    database.pragma('foreign_keys = on')
    database.exec(schema)
  } catch {
    database.close()
    throw new DsrError('corrupt', `${path} cannot be opened: it is damaged or locked.`, 'Restore it from a backup.')
  }
  return new Kysely<AppTables>({ dialect: new SqliteDialect({ database }) })
}
