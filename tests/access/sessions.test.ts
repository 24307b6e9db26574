import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { seedDevelopmentUsers } from '../../dashboard/access/developmentUsers.ts'
import { openSessions, type Sessions } from '../../dashboard/access/sessions.ts'
import { openAppDatabase, type AppDatabase } from '../../store/appDatabase.ts'

const minute = 60_000
const grant = 'development|dsr-team'
let path: string
let database: AppDatabase
let sessions: Sessions
let now: number

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'app-')), 'app.db')
  database = openAppDatabase(path)
  now = Date.parse('2026-10-31T09:00:00Z')
  await seedDevelopmentUsers(database, ['QOQ', 'QF7', 'QWO', 'QHM'], now)
  sessions = openSessions(database, randomBytes(32), () => now)
})

test('a session knows its user, role and places', async () => {
  const session = await sessions.find(await sessions.begin(grant, null))
  expect(session?.visitor).toEqual({ userId: grant, name: 'Dana Whitlock', role: 'dsr_team', places: ['QF7', 'QOQ'] })
})

test('a session ends after 15 quiet minutes', async () => {
  const id = await sessions.begin(grant, null)
  now += 15 * minute - 1
  expect(await sessions.find(id)).not.toBeNull()
  now += 15 * minute
  expect(await sessions.find(id)).toBeNull()
})

test('work keeps a session alive, up to eight hours', async () => {
  const id = await sessions.begin(grant, null)
  for (let passed = 10; passed < 480; passed += 10) {
    now += 10 * minute
    expect(await sessions.find(id)).not.toBeNull()
  }
  now += 10 * minute
  expect(await sessions.find(id)).toBeNull()
})

test('a look that is not the visitor’s own does not keep it alive', async () => {
  const id = await sessions.begin(grant, null)
  now += 10 * minute
  expect(await sessions.find(id, { touch: false })).not.toBeNull()
  now += 5 * minute
  expect(await sessions.find(id)).toBeNull()
})

test('a new sign-in ends the session before it', async () => {
  const before = await sessions.begin(grant, null)
  const after = await sessions.begin(grant, before)
  expect(after).not.toBe(before)
  expect(await sessions.find(before)).toBeNull()
  expect(await sessions.find(after)).not.toBeNull()
})

test('an id of a stranger’s choosing is no session', async () => {
  const chosen = 'a'.repeat(43)
  const id = await sessions.begin(grant, chosen)
  expect(id).not.toBe(chosen)
  expect(await sessions.find(chosen)).toBeNull()
})

test('a grant that was revoked or has run out opens nothing from then on', async () => {
  const id = await sessions.begin(grant, null)
  await database
    .updateTable('grants')
    .set({ expires_at: now + minute })
    .where('grant_id', '=', grant)
    .execute()
  expect(await sessions.find(id)).not.toBeNull()
  now += minute
  expect(await sessions.find(id)).toBeNull()
  await database
    .updateTable('grants')
    .set({ expires_at: null, revoked_at: now })
    .where('grant_id', '=', grant)
    .execute()
  expect(await sessions.find(id)).toBeNull()
})

test('a user who is no longer active has no session', async () => {
  const id = await sessions.begin(grant, null)
  await database.updateTable('users').set({ is_active: 0 }).where('user_id', '=', grant).execute()
  expect(await sessions.find(id)).toBeNull()
})

test('the file holds no id, only its hash, and only its owner reads it', async () => {
  const id = await sessions.begin(grant, null)
  await database.destroy()
  expect(readFileSync(path).includes(id)).toBe(false)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a form’s token belongs to one session', async () => {
  const [one, other] = [await sessions.begin(grant, null), await sessions.begin(grant, null)]
  const token = (await sessions.find(one))?.csrfToken
  expect(sessions.isToken(one, token)).toBe(true)
  expect(sessions.isToken(other, token)).toBe(false)
  expect(sessions.isToken(one, ['a'])).toBe(false)
})
