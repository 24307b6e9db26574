import { basename } from 'node:path'
import { decideLink, listLinks, type Link } from '../../ingest/match/links.ts'
import type { LinkDecision } from '../../ingest/match/linkDecisions.ts'
import { DsrError } from '../../register/errors.ts'
import { openAudit } from '../../store/audit.ts'
import { readKey } from '../../store/keys.ts'
import { lockDeployment } from '../../store/lock.ts'
import { currentVersion } from '../../store/versions.ts'
import { jsonOption, print, printJson, type Verb, type VerbCall } from '../verb.ts'

const decisionOf = { join: 'same', apart: 'different', undo: 'undone' } as const

export const links: Verb = {
  name: 'links',
  summary: 'Lists records that may be one person, and records what the team decides of them. Never a value.',
  example: 'dsr links --join 3f2a90c1de --by "A. Name" --reason "Both agencies confirmed it by telephone"',
  options: {
    join: { type: 'string', meaning: 'id of a question: the two records are one person' },
    apart: { type: 'string', meaning: 'id of a question or decision: they are two people' },
    undo: { type: 'string', meaning: 'id of a decision: take it back; the two stay apart until decided again' },
    by: { type: 'string', meaning: 'who decides' },
    reason: { type: 'string', meaning: 'why, in 10 to 200 characters; name nobody' },
    joined: { type: 'boolean', meaning: 'list also the records that were joined because they are alike' },
    ...jsonOption,
  },
  async perform(call) {
    const { deployment, values } = call
    const decided = readDecision(call)
    if (decided === null) {
      const found = await listLinks(deployment, { store: readKey(deployment, 'store') })
      if (values['json'] === true) return printJson(found)
      const shown = found.filter(
        (link) => values['joined'] === true || link.question?.kind !== 'joined' || link.decision,
      )
      for (const link of shown) printLink(link)
      if (shown.length === 0) print('No question is open, and nothing was decided.')
      return
    }
    const keys = { store: readKey(deployment, 'store') }
    const lock = lockDeployment(deployment)
    const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
    try {
      await decideLink(deployment, keys, decided, () =>
        audit.append({
          who: `dsr links, ${decided.by}`,
          role: null,
          session: null,
          action: `link ${decided.decision} ${decided.id}`,
          subject: null,
          outcome: 'allowed',
          requestId: 'dsr',
          dataVersion: versionName(currentVersion(deployment)),
        }),
      )
    } finally {
      audit.close()
      lock.release()
    }
    if (values['json'] === true) return printJson({ id: decided.id, decision: decided.decision })
    print(`${decided.id}: recorded. It counts at the next run: dsr run`)
  },
}

interface Decided {
  readonly id: string
  readonly decision: LinkDecision
  readonly by: string
  readonly reason: string
}

function readDecision({ values }: VerbCall): Decided | null {
  const given = (['join', 'apart', 'undo'] as const).filter((name) => values[name] !== undefined)
  const [name] = given
  const by = textOf(values['by'])
  const reason = textOf(values['reason'])
  if (name === undefined) {
    if (by + reason === '') return null
    throw new DsrError(
      'input',
      'It is not said what is decided.',
      'Give --join, --apart or --undo with an id of dsr links.',
    )
  }
  if (given.length > 1) throw new DsrError('input', 'Only one decision can be recorded at a time.', 'Give one id.')
  if (by.length < 2 || by.length > 100) {
    throw new DsrError('input', 'It is not said who decides.', 'Give --by with a name of 2 to 100 characters.')
  }
  if (reason.length < 10 || reason.length > 200) {
    throw new DsrError('input', 'The reason does not have 10 to 200 characters.', 'Give --reason in a sentence.')
  }
  return { id: textOf(values[name]), decision: decisionOf[name], by, reason }
}

function versionName(folder: string | null): string | null {
  return folder === null ? null : basename(folder)
}

function textOf(value: VerbCall['values'][string]): string {
  return typeof value === 'string' ? value.trim() : ''
}

const questions = {
  alike: 'may be one person',
  two_numbers: 'agree in all but the NHS number: one of the two numbers may be mistyped',
  refused: 'may be one person, and one of the two refused: if they are one, the newest decision counts for both',
  withdrawn: 'may be one person, who withdrew: if so, record it with dsr withdraw for the first; if not, part them',
  joined: 'are shown as one person because they are alike',
  same_number: 'were parted by decision but now have the same NHS number, and are shown as one person',
} as const

const decisions = { same: 'one person', different: 'two people', undone: 'taken back: they stay apart' } as const

/** A record whose own number could not be read has none to show. */
function recordName({ agency, localId }: Link['one']): string {
  return localId.startsWith('\u001f') ? `${agency} (a record without its own number)` : `${agency} ${localId}`
}

function printLink(link: Link): void {
  const pair = `${recordName(link.one)} and ${recordName(link.other)}`
  if (link.question) {
    print(`${link.id}: ${pair} ${questions[link.question.kind]} (asked since ${link.question.since})`)
    print(`  Agree: ${link.question.agrees || 'nothing'}. Differ: ${link.question.differs || 'nothing'}.`)
  }
  if (link.decision) {
    const { decision, on, by, reason, isPending } = link.decision
    const when = isPending ? ' It counts at the next run.' : ''
    print(`${link.id}: ${pair}: decided on ${on} by ${by}: ${decisions[decision]} (${reason}).${when}`)
  }
}
