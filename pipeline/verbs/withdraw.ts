import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { findServed, keepRequest, type ServedCase, type Subject } from '../../ingest/withdrawal/requestWithdrawal.ts'
import type { Receipt } from '../../ingest/withdrawal/writeReceipts.ts'
import { DsrError } from '../../register/errors.ts'
import { londonDay } from '../../register/londonDay.ts'
import { suggest } from '../../register/nearest.ts'
import { isNhsNumber } from '../../register/nhsNumber.ts'
import { readCodes } from '../../register/readCodes.ts'
import { openAudit } from '../../store/audit.ts'
import { readSettings, type Deployment } from '../../store/deployment.ts'
import { readKey } from '../../store/keys.ts'
import { lockDeployment } from '../../store/lock.ts'
import { sealCase } from '../../store/seals.ts'
import { jsonOption, print, printJson, type Verb, type VerbCall } from '../verb.ts'

export const withdraw: Verb = {
  name: 'withdraw',
  summary: 'Records that a person withdrew: sealed at once, taken out of every zone by the next run.',
  example: 'dsr withdraw --case REFERENCE --reason W01 --by "Sam Okoro"',
  options: {
    case: { type: 'string', meaning: 'reference of the case: the end of its page’s address' },
    feed: { type: 'string', meaning: 'with --local-id: the feed that knows the person' },
    'local-id': { type: 'string', meaning: 'the feed’s own number of the person' },
    'nhs-number-stdin': { type: 'boolean', meaning: 'read the NHS number from standard input' },
    reason: { type: 'string', meaning: 'code of register/codes/withdrawal_reasons.csv' },
    on: { type: 'string', meaning: 'day of the decision, yyyy-mm-dd (today)' },
    by: { type: 'string', meaning: 'who records it (the user of this machine)' },
    receipts: { type: 'boolean', meaning: 'list the receipts of withdrawals that were carried out' },
    ...jsonOption,
  },
  async perform(call) {
    const { deployment, values } = call
    readSettings(deployment)
    if (values['receipts'] === true) return listReceipts(deployment, values['json'] === true)
    const subject = await readSubject(call)
    const code = readReason(call)
    const decidedOn = readDay(call)
    const by = readName(call)
    const key = readKey(deployment, 'store')
    const served = await findServed(deployment, key, subject)
    requireNewest(served, decidedOn)
    writeAudit(deployment, served, code, by)
    if (served) await sealCase(deployment, served.caseRef, Date.now())
    const request: Subject = served ? { kind: 'case', caseRef: served.caseRef } : subject
    await keepWithLock(deployment, key, request, { code, decidedOn }, served !== null)
    if (values['json'] === true) printJson({ sealed: served !== null, decidedOn, code })
    else
      print(
        `${served ? 'The case is sealed: no page shows it any more.' : 'The person is on no page of the register now.'}\nThe next run takes the person out of every zone: dsr run`,
      )
  },
}

async function readSubject({ values }: VerbCall): Promise<Subject> {
  const { case: caseRef, feed, 'local-id': localId } = values
  const fromInput = values['nhs-number-stdin'] === true
  const ways = [caseRef !== undefined, feed !== undefined || localId !== undefined, fromInput].filter(Boolean).length
  if (ways === 1 && typeof caseRef === 'string') return { kind: 'case', caseRef }
  if (ways === 1 && typeof feed === 'string' && typeof localId === 'string') return { kind: 'local', feed, localId }
  if (ways !== 1 || !fromInput)
    throw new DsrError(
      'input',
      'Say whom it is about in one way: --case, or --feed with --local-id, or --nhs-number-stdin.',
      'Run: dsr withdraw --help',
    )
  const nhsNumber = (await textOf(process.stdin)).replaceAll(/[\s-]/g, '')
  if (!isNhsNumber(nhsNumber))
    throw new DsrError(
      'input',
      'Standard input does not hold a valid NHS number.',
      'Give its ten digits, nothing else.',
    )
  return { kind: 'number', nhsNumber }
}

function readReason({ values }: VerbCall): string {
  const codes = readCodes('withdrawal_reasons')
  const reason = values['reason']
  if (typeof reason === 'string' && codes.some(({ code }) => code === reason)) return reason
  const list = codes.map(({ code, label }) => `  ${code}  ${label}`).join('\n')
  throw new DsrError(
    'input',
    typeof reason === 'string'
      ? `There is no reason of this code${suggest(
          reason,
          codes.map(({ code }) => code),
        )}.`
      : 'A withdrawal needs a reason.',
    `Add --reason with one of these codes:\n${list}`,
  )
}

function readDay({ values }: VerbCall): string {
  const today = londonDay(new Date())
  const day = typeof values['on'] === 'string' ? values['on'] : today
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && day <= today) return day
  throw new DsrError('input', '--on is not a day up to today.', 'Write it like 2026-10-31.')
}

function readName({ values }: VerbCall): string {
  const name = typeof values['by'] === 'string' ? values['by'].trim() : userInfo().username
  if (/^[\p{L}\p{M}\p{N}' ._-]{2,100}$/u.test(name)) return name
  throw new DsrError('input', '--by is not a name of 2 to 100 letters.', 'Give the name of whoever records it.')
}

/** A consent given later stands: the day of the withdrawal is wrong, or the person has changed their mind since. */
function requireNewest(served: ServedCase | null, decidedOn: string): void {
  if (served === null || served.decidedOn <= decidedOn) return
  throw new DsrError(
    'input',
    `A consent decided on ${served.decidedOn} is on record, after ${decidedOn}: the newest decision holds.`,
    'If the person withdrew after that, give that day with --on.',
  )
}

function writeAudit(deployment: Deployment, served: ServedCase | null, reason: string, by: string): void {
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  try {
    audit.append({
      who: `dsr:${by}`,
      role: null,
      session: null,
      action: 'withdraw',
      subject: served?.auditRef ?? null,
      outcome: 'allowed',
      requestId: randomUUID(),
      dataVersion: served?.versionId ?? null,
      reason,
    })
  } finally {
    audit.close()
  }
}

async function keepWithLock(
  deployment: Deployment,
  key: Buffer,
  subject: Subject,
  request: Parameters<typeof keepRequest>[3],
  isSealed: boolean,
): Promise<void> {
  const lock = await takeLock(deployment, isSealed)
  try {
    await keepRequest(deployment, key, subject, request)
  } finally {
    lock.release()
  }
}

/** A run takes minutes; a case that is sealed and never withdrawn would stay out of sight for good, so we wait for its end. */
async function takeLock(deployment: Deployment, isSealed: boolean): Promise<ReturnType<typeof lockDeployment>> {
  for (let waited = 0; ; waited++) {
    try {
      return lockDeployment(deployment)
    } catch (error) {
      if (!(error instanceof DsrError) || error.kind !== 'locked' || waited === longestWait) throw error
      if (waited === 0)
        print(
          `${isSealed ? 'The case is sealed. ' : ''}A run is working; the withdrawal is recorded when it has ended.`,
        )
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
}

/** Seconds. */
const longestWait = 3600

function listReceipts(deployment: Deployment, asJson: boolean): void {
  const receipts = readReceipts(deployment)
  if (asJson) return printJson(receipts)
  if (receipts.length === 0) print('No withdrawal has been carried out.')
  for (const receipt of receipts) {
    const rows = [receipt.before.landing, receipt.before.register, receipt.before.warehouse]
      .flatMap((zone) => Object.values(zone))
      .reduce((sum, count) => sum + count, 0)
    print(
      `${receipt.id}  withdrawn ${receipt.withdrawn_on}, carried out ${receipt.carried_out_on}: ${rows} rows and ${receipt.before.archive_files} archived files gone; in no backup from ${receipt.backups_free_on}`,
    )
  }
}

function readReceipts(deployment: Deployment): readonly Receipt[] {
  if (!existsSync(deployment.receipts)) return []
  return readdirSync(deployment.receipts)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(deployment.receipts, name), 'utf8')) as Receipt)
    .sort((a, b) => (a.carried_out_on + a.id < b.carried_out_on + b.id ? -1 : 1))
}
