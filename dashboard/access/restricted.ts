import type { Audit, AuditEntry, AuditVerdict } from '../../store/audit.ts'
import type { AppDatabase } from '../../store/appDatabase.ts'
import type { Versions } from '../identified/openVersions.ts'
import type { Session, Sessions } from './sessions.ts'

/** All that the restricted process has, wired once (restrictedServer.ts) and handed to its routes. */
export interface Restricted {
  readonly app: AppDatabase
  readonly sessions: Sessions
  readonly audit: Audit
  /** Checks the whole audit; a promise, for it may be long. */
  readonly verifyAudit: () => Promise<AuditVerdict>
  readonly versions: Versions
  /** Whether the address that people see is https: decides the name and the flags of the cookie. */
  readonly isHttps: boolean
  readonly now: () => number
}

/** The session of a request, with its id; set by `attachSession`, null for somebody who has not signed in. */
export interface RequestSession extends Session {
  readonly id: string
}

interface Answering {
  readonly locals: Readonly<Record<string, unknown>>
}

export function sessionOf(response: Answering): RequestSession | null {
  return (response.locals['session'] as RequestSession | null | undefined) ?? null
}

/** Fills in who, role, session and request; throws `AuditUnavailable`, and then nothing may be shown. */
export function record(
  restricted: Pick<Restricted, 'audit'>,
  response: Answering,
  entry: Pick<AuditEntry, 'action' | 'outcome'> & Partial<AuditEntry>,
): void {
  const session = sessionOf(response)
  restricted.audit.append({
    who: session?.visitor.userId ?? 'nobody',
    role: session?.visitor.role ?? null,
    session: session?.hash ?? null,
    action: entry.action,
    subject: entry.subject ?? null,
    outcome: entry.outcome,
    requestId: String(response.locals['requestId']),
    dataVersion: entry.dataVersion ?? null,
    ...(entry.who === undefined ? {} : { who: entry.who }),
    ...(entry.role === undefined ? {} : { role: entry.role }),
    ...(entry.session === undefined ? {} : { session: entry.session }),
  })
}
