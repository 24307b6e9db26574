import { randomUUID } from 'node:crypto'
import { DsrError } from '../../register/errors.ts'
import { londonDay } from '../../register/londonDay.ts'
import { nearest } from '../../register/nearest.ts'
import { writeFileAtomically } from '../../store/atomicFile.ts'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import type { Keys } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { currentVersion } from '../../store/versions.ts'
import { query, run, textIn, type Row } from '../statement.ts'
import { questionSql } from './askAboutLinks.ts'
import { prepareLinkDecisions, type LinkDecision } from './linkDecisions.ts'

interface RecordOfAgency {
  readonly feed: string
  readonly agency: string
  readonly localId: string
}

/** Two records of which it is asked, or was decided, whether they are one person. Never a value of the data. */
export interface Link {
  readonly id: string
  readonly one: RecordOfAgency
  readonly other: RecordOfAgency
  readonly question: {
    readonly kind: 'alike' | 'two_numbers' | 'same_number' | 'joined' | 'refused' | 'withdrawn'
    readonly agrees: string
    readonly differs: string
    readonly since: string
  } | null
  /** The newest decision; `isPending` until a run has counted it. */
  readonly decision: {
    readonly decision: LinkDecision
    readonly on: string
    readonly by: string
    readonly reason: string
    readonly isPending: boolean
  } | null
}

/**
 * The open questions of the current version, its joins by likeness, and the newest decision on each pair.
 * @throws DsrError 'input' before the first run
 */
export async function listLinks(deployment: Deployment, keys: Keys<'store'>): Promise<readonly Link[]> {
  const version = currentVersion(deployment)
  if (version === null) {
    throw new DsrError('input', 'There is no register yet, so nothing can be asked.', 'Run dsr run first.')
  }
  const database = await openDuckDB({
    attach: [
      { path: deployment.landing, alias: 'landing', key: keys.store, readOnly: true },
      { path: versionFiles(version).register, alias: 'register', key: keys.store, readOnly: true },
    ],
  })
  try {
    const known = await query(
      database.connection,
      'look for decisions',
      `select table_name from duckdb_tables() where database_name = 'landing' and table_name = 'link_decisions'`,
    )
    const rows = await query(database.connection, 'list links', linksSql(known.length > 0))
    return rows.map(linkIn)
  } finally {
    database.close()
  }
}

/**
 * Records a decision on a question or an earlier decision. It counts at the next run, which a changed file of the
 * deployment tells to build anew. `audit` is called first: what cannot be audited is not done.
 * @throws DsrError 'input' where there is no such id, nothing to undo, or a record that withdrew is to be joined
 */
export async function decideLink(
  deployment: Deployment,
  keys: Keys<'store'>,
  decided: { readonly id: string; readonly decision: LinkDecision; readonly by: string; readonly reason: string },
  audit: () => void,
  now: () => Date = () => new Date(),
): Promise<void> {
  const links = await listLinks(deployment, keys)
  const link = links.find(({ id }) => id === decided.id)
  if (!link) {
    const likely = nearest(
      decided.id,
      links.map(({ id }) => id),
    )
    const remedy = likely === null ? 'dsr links lists them.' : `The nearest is ${likely}; dsr links lists them.`
    throw new DsrError('input', `No question or decision has the id ${decided.id}.`, remedy)
  }
  if (decided.decision === 'undone' && link.decision?.decision !== 'same' && link.decision?.decision !== 'different') {
    throw new DsrError(
      'input',
      `Nothing that could be undone was decided on ${decided.id}.`,
      'dsr links lists decisions.',
    )
  }
  if (decided.decision === 'same' && link.question?.kind === 'withdrawn') {
    throw new DsrError(
      'input',
      `The other record of ${decided.id} has been taken out, for that person withdrew.`,
      `Where it is the same person: dsr withdraw --feed ${link.one.feed} --local-id ${link.one.localId}; where it is not: dsr links --apart ${decided.id}`,
    )
  }
  audit()
  // Before the decision: a run too many does no harm, one too few would.
  writeFileAtomically(deployment.linksChanged, `${randomUUID()}\n`)
  // DuckDB writes an encrypted file with the cipher of httpfs only.
  const database = await openDuckDB({
    attach: [{ path: deployment.landing, alias: 'landing', key: keys.store }],
    extensions: ['httpfs'],
  })
  try {
    await prepareLinkDecisions(database.connection)
    await run(
      database.connection,
      'record the decision',
      `insert into landing.link_decisions values (
          cast($on as date), cast($at as timestamp), $one_feed, $one_local_id, $other_feed, $other_local_id, $decision, $by, $reason
      )`,
      {
        on: londonDay(now()),
        at: now().toISOString().replace('Z', ''),
        one_feed: link.one.feed,
        one_local_id: link.one.localId,
        other_feed: link.other.feed,
        other_local_id: link.other.localId,
        decision: decided.decision,
        by: decided.by,
        reason: decided.reason,
      },
    )
    await run(database.connection, 'make the decision durable', 'checkpoint landing')
  } finally {
    database.close()
  }
}

function linksSql(hasDecisions: boolean): string {
  const decisions = hasDecisions
    ? `select *, ${questionSql('one_feed', 'one_local_id', 'other_feed', 'other_local_id')} as id from landing.link_decisions qualify row_number() over (partition by id order by decided_at desc) = 1`
    : `select null::varchar as id, null::varchar as one_feed, null::varchar as one_local_id, null::varchar as other_feed, null::varchar as other_local_id, null::varchar as decision, null::date as decided_on, null::varchar as "by", null::varchar as reason where false`
  return `
    with
    questions as (from register.link_questions union all by name from register.link_joins),
    decisions as (${decisions}),
    pairs as (
        select
            coalesce(questions.question, decisions.id) as id,
            coalesce(questions.one_feed, decisions.one_feed) as one_feed,
            coalesce(questions.one_local_id, decisions.one_local_id) as one_local_id,
            coalesce(questions.other_feed, decisions.other_feed) as other_feed,
            coalesce(questions.other_local_id, decisions.other_local_id) as other_local_id,
            questions.kind, questions.agrees, questions.differs, cast(questions.asked_since as varchar) as since,
            decisions.decision, cast(decisions.decided_on as varchar) as decided_on, decisions."by", decisions.reason,
            coalesce(questions.kind <> 'same_number', false) as is_pending
        from questions
        full join decisions on decisions.id = questions.question
    )
    select
        pairs.*,
        coalesce(ones.agency_name, pairs.one_feed) as one_agency,
        coalesce(others.agency_name, pairs.other_feed) as other_agency
    from pairs
    left join register.feeds as ones on ones.feed = pairs.one_feed
    left join register.feeds as others on others.feed = pairs.other_feed
    order by coalesce(pairs.kind, 'joined') = 'joined', pairs.id`
}

function linkIn(row: Row): Link {
  const record = (side: 'one' | 'other'): RecordOfAgency => ({
    feed: textIn(row, `${side}_feed`),
    agency: textIn(row, `${side}_agency`),
    localId: textIn(row, `${side}_local_id`),
  })
  return {
    id: textIn(row, 'id'),
    one: record('one'),
    other: record('other'),
    question:
      row['kind'] === null
        ? null
        : {
            kind: textIn(row, 'kind') as NonNullable<Link['question']>['kind'],
            agrees: textIn(row, 'agrees'),
            differs: textIn(row, 'differs'),
            since: textIn(row, 'since'),
          },
    decision:
      row['decision'] === null
        ? null
        : {
            decision: textIn(row, 'decision') as LinkDecision,
            on: textIn(row, 'decided_on'),
            by: textIn(row, 'by'),
            reason: textIn(row, 'reason'),
            isPending: row['is_pending'] === true,
          },
  }
}
