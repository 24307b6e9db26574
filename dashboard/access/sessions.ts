import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AppDatabase } from '../../store/appDatabase.ts'
import { deriveKey } from '../../store/keys.ts'
import { isRole, type Visitor } from './permissions.ts'

const minute = 60_000

export interface SessionLimits {
  readonly idle: number
  readonly absolute: number
}

/** design.md 11, security.md SE-03. */
export const sessionLimits: SessionLimits = { idle: 15 * minute, absolute: 8 * 60 * minute }

export interface Session {
  readonly visitor: Visitor
  /** What the audit records instead of the id. */
  readonly hash: string
  /** Goes into every form of this session, and comes back with it. */
  readonly csrfToken: string
}

export interface Sessions {
  /** Starts a session with an id of its own and ends the one that came with the request, if any (SE-02). */
  begin(grantId: string, previousId: string | null): Promise<string>
  /** The session of an id, or null when it is unknown, too old, or its grant or user has ended. */
  find(id: string | null, options?: { readonly touch: boolean }): Promise<Session | null>
  end(id: string): Promise<void>
  isToken(id: string, token: unknown): boolean
}

/**
 * Sessions on the server; the browser holds 256 random bits and nothing else.
 * @param now milliseconds; injected, so that tests need not wait
 */
export function openSessions(
  database: AppDatabase,
  sessionKey: Buffer,
  now: () => number = Date.now,
  limits: SessionLimits = sessionLimits,
): Sessions {
  const tokenKey = deriveKey(sessionKey, 'session/csrf')
  const tokenOf = (id: string): string => createHmac('sha256', tokenKey).update(id).digest('base64url')

  const end = async (id: string): Promise<void> => {
    await database.deleteFrom('sessions').where('id_hash', '=', hashOf(id)).execute()
  }

  return {
    async begin(grantId, previousId) {
      if (previousId !== null) await end(previousId)
      await database
        .deleteFrom('sessions')
        .where('started_at', '<', now() - limits.absolute)
        .execute()
      const id = randomBytes(32).toString('base64url')
      const at = now()
      await database
        .insertInto('sessions')
        .values({ id_hash: hashOf(id), grant_id: grantId, started_at: at, seen_at: at })
        .execute()
      return id
    },

    async find(id, { touch } = { touch: true }) {
      if (id === null) return null
      const row = await database
        .selectFrom('sessions')
        .innerJoin('grants', 'grants.grant_id', 'sessions.grant_id')
        .innerJoin('users', 'users.user_id', 'grants.user_id')
        .select([
          'sessions.started_at',
          'sessions.seen_at',
          'grants.grant_id',
          'grants.role',
          'users.user_id',
          'users.name',
        ])
        .where('sessions.id_hash', '=', hashOf(id))
        // Looked up at every request: a grant that ended a second ago opens nothing (SE-05).
        .where('users.is_active', '=', 1)
        .where('grants.revoked_at', 'is', null)
        .where((is) => is.or([is('grants.expires_at', 'is', null), is('grants.expires_at', '>', now())]))
        .executeTakeFirst()
      if (!row || !isRole(row.role)) return null
      const at = now()
      if (at - row.seen_at >= limits.idle || at - row.started_at >= limits.absolute) {
        await end(id)
        return null
      }
      // Each write waits for the disk, so it is made every half minute: a session may end that much early, never late.
      if (touch && at - row.seen_at >= minute / 2) {
        await database.updateTable('sessions').set({ seen_at: at }).where('id_hash', '=', hashOf(id)).execute()
      }
      const places = await database
        .selectFrom('grant_places')
        .select('icb_ods')
        .where('grant_id', '=', row.grant_id)
        .orderBy('icb_ods')
        .execute()
      return {
        visitor: { userId: row.user_id, name: row.name, role: row.role, places: places.map((place) => place.icb_ods) },
        hash: hashOf(id),
        csrfToken: tokenOf(id),
      }
    },

    end,

    isToken(id, token) {
      const expected = Buffer.from(tokenOf(id))
      const given = Buffer.from(typeof token === 'string' ? token : '')
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
