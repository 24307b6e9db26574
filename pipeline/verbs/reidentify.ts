import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { text as textOf } from 'node:stream/consumers'
import { findCaseOf, type CaseOfPseudonym } from '../../pseudonymise/findCaseOf.ts'
import { DsrError } from '../../register/errors.ts'
import { isPseudonym, type Pseudonym } from '../../register/pseudonym.ts'
import { readCodes } from '../../register/readCodes.ts'
import type { Settings } from '../../register/settings.ts'
import { AuditUnavailable, openAudit, type Audit, type AuditEntry } from '../../store/audit.ts'
import { openAppDatabase } from '../../store/appDatabase.ts'
import { readSettings, type Deployment } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { sealedCases } from '../../store/seals.ts'
import { currentVersion } from '../../store/versions.ts'
import { print, type Verb, type VerbCall } from '../verb.ts'

/** What Parliament says of it (Data Protection Act 2018, section 171; security.md IG-11). */
const notice =
  'To find out whose data it is without the consent of the controller who removed the names is an offence (Data Protection\nAct 2018, section 171). This call is recorded, with your name, whatever comes of it.'

/**
 * The one way from a pseudonym back to a case (security.md PS-08): one at a time, for a stated role, purpose and reason, and
 * recorded before the answer. The answer is the case's reference: who it is stands on the case page, for those who may open
 * it, and that look is recorded too.
 *
 * There is no `--json` and no second pseudonym in a call on purpose: looking many up is not offered.
 */
export const reidentify: Verb = {
  name: 'reidentify',
  summary: 'Says which case a pseudonym belongs to: one at a time, with role, purpose and reason, audited.',
  example: 'dsr reidentify --by "Sam Okoro" --role dsr_team --purpose RI01 --reason "Seen twice at A&E tonight"',
  arguments: '[PSEUDONYM]',
  options: {
    by: { type: 'string', meaning: 'who asks: goes into the audit' },
    role: { type: 'string', meaning: 'in which role: one of the setting reidentify_roles' },
    purpose: { type: 'string', meaning: 'code of register/codes/reidentify_purposes.csv' },
    reason: { type: 'string', meaning: 'why, in 10 to 200 characters; name nobody' },
  },
  async perform(call) {
    const { deployment } = call
    const settings = readSettings(deployment)
    process.stderr.write(`${notice}\n\n`)
    const audit = openAuditOrNothing(deployment)
    try {
      print(await answer(call, settings, audit))
    } catch (error) {
      if (error instanceof AuditUnavailable) throw nothingIsSaid()
      throw error
    } finally {
      audit.close()
    }
  },
}

/** Who asks, and how it is recorded; `problem` says why there will be no answer. */
interface Question {
  readonly entry: AuditEntry
  readonly problem: DsrError | null
}

async function answer(call: VerbCall, settings: Settings, audit: Audit): Promise<string> {
  const { deployment } = call
  const { entry, problem } = readQuestion(call, settings)
  if (problem) throw refused(audit, entry, problem)
  const pseudonym = await readPseudonym(call)
  if (typeof pseudonym !== 'string') throw refused(audit, entry, pseudonym)

  const found = await find(deployment, pseudonym)
  const known: AuditEntry = { ...entry, subject: found?.auditRef ?? null, dataVersion: found?.versionId ?? null }
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString()
  const outcome = found?.caseRef ? 'allowed' : 'failed'
  // Before anything is said, "nobody has it" included: that too is an answer.
  if (!audit.appendWithin({ ...known, outcome }, settings.reidentify_per_day, yesterday))
    throw refused(audit, entry, tooMany(settings))
  if (!found?.caseRef) throw notFound(pseudonym, found)
  return `case ${found.caseRef}\nIts page on the dashboard, for those who may open it: /cases/${found.caseRef}`
}

function refused(audit: Audit, entry: AuditEntry, problem: DsrError): DsrError {
  audit.append(entry)
  return problem
}

/** Everything that is said goes into the entry, as far as it fits; what does not fit is left out of it. */
function readQuestion({ values }: VerbCall, settings: Settings): Question {
  const said = (name: string): string => (typeof values[name] === 'string' ? values[name].trim() : '')
  const purposes = readCodes('reidentify_purposes')
  const [by, role, purpose, reason] = ['by', 'role', 'purpose', 'reason'].map(said) as [string, string, string, string]
  const isBy = /^[\p{L}\p{M}\p{N}' .-]{2,100}$/u.test(by)
  const isRole = settings.reidentify_roles.some((allowed) => allowed === role)
  const isPurpose = purposes.some(({ code }) => code === purpose)
  const isReason = /^[^\p{Cc}]{10,200}$/u.test(reason) && !/\d{5}|\d{3}[ -]\d{3}/.test(reason)
  const entry: AuditEntry = {
    who: `dsr reidentify, ${isBy ? by : 'not said'} (user ${userInfo().username})`,
    role: isRole ? role : null,
    session: null,
    action: 'reidentify',
    subject: null,
    outcome: 'denied',
    requestId: randomUUID(),
    dataVersion: null,
    ...(isPurpose && { reason: purpose }),
    ...(isReason && { note: reason }),
  }
  const list = purposes.map(({ code, label }) => `  ${code}  ${label}`).join('\n')
  const problems: readonly (readonly [boolean, string, string])[] = [
    [isBy, 'It is not said who asks.', 'Give --by with a name of 2 to 100 letters.'],
    [
      isRole,
      role === '' ? 'It is not said in which role.' : 'This role may not ask whose pseudonym it is.',
      `Give --role with one of: ${settings.reidentify_roles.join(', ')}`,
    ],
    [isPurpose, 'It is not said for which purpose.', `Give --purpose with one of these codes:\n${list}`],
    [
      isReason,
      'The reason does not have 10 to 200 characters, or holds a number that may be somebody’s.',
      'Give --reason in a sentence that names nobody.',
    ],
  ]
  const [first] = problems.filter(([isRight]) => !isRight)
  return { entry, problem: first ? new DsrError('input', first[1], first[2]) : null }
}

/** From the argument, else from standard input, which leaves no trace in the process list or the shell's history. */
async function readPseudonym({ positionals }: VerbCall): Promise<Pseudonym | DsrError> {
  const typed = (positionals.length > 0 ? positionals.join('\n') : await textOf(process.stdin)).trim()
  if (isPseudonym(typed)) return typed
  return /\s/.test(typed)
    ? new DsrError(
        'input',
        'More than one pseudonym was given.',
        'Ask about one at a time: looking many up is not offered.',
      )
    : new DsrError(
        'input',
        'This is not a pseudonym.',
        'It begins like p1_ or p1x_, and 32 letters a to f and digits follow.',
      )
}

/** A case that is sealed, as a person withdrew, is as if it were not there. */
async function find(deployment: Deployment, pseudonym: Pseudonym): Promise<CaseOfPseudonym | null> {
  const version = currentVersion(deployment)
  if (version === null) return null
  const found = await findCaseOf(version, readKey(deployment, 'store'), pseudonym)
  const app = openAppDatabase(deployment.appDatabase)
  try {
    const sealed = await sealedCases(app)
    return found?.caseRef && sealed.includes(found.caseRef) ? null : found
  } finally {
    await app.destroy()
  }
}

function notFound(pseudonym: Pseudonym, found: CaseOfPseudonym | null): DsrError {
  if (found)
    return new DsrError(
      'input',
      'Only a statutory inpatient feed knows this person: there is no case.',
      'Ask the agency of that feed.',
    )
  const [, version] = /^p(\d+)/.exec(pseudonym) ?? []
  return new DsrError(
    'input',
    'Nobody on the register has this pseudonym.',
    `Look for a mistake in typing. The register may have left version ${version} of its key since: then nobody can tell any more.`,
  )
}

function tooMany(settings: Settings): DsrError {
  return new DsrError(
    'input',
    `${settings.reidentify_per_day} pseudonyms have been looked up in the last 24 hours, and no more may be (reidentify_per_day).`,
    'Wait. If many have to be known, it is a matter for the information governance lead, and no pseudonyms are needed for it.',
  )
}

function openAuditOrNothing(deployment: Deployment): Audit {
  try {
    return openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  } catch (error) {
    if (error instanceof DsrError) throw error
    throw nothingIsSaid()
  }
}

function nothingIsSaid(): DsrError {
  return new DsrError(
    'corrupt',
    'The audit cannot be written, so nothing is looked up.',
    'See that store/audit.db is there, whole and writable by this user, then ask again.',
  )
}
