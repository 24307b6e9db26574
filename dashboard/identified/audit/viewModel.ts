import type { AuditVerdict, RecordedEntry } from '../../../store/audit.ts'
import { isRole, roleNames } from '../../access/permissions.ts'
import type { TableView } from '../../figureView.ts'
import { count } from '../words.ts'

export interface AuditView {
  readonly isWhole: boolean
  readonly verdict: string
  readonly entries: TableView
}

const actionNames: Readonly<Record<string, string>> = {
  'sign-in': 'Sign in',
  'sign-out': 'Sign out',
  case: 'Look at a case',
  worklist: 'Look at the worklist',
  exact: 'Look at exact figures',
  quality: 'Look at data quality',
  audit: 'Look at the audit',
  users: 'Look at the users',
  withdraw: 'Record a withdrawal',
  reidentify: 'Ask whose pseudonym it is',
}

const outcomeNames: Readonly<Record<RecordedEntry['outcome'], string>> = {
  allowed: 'Allowed',
  denied: 'Denied',
  failed: 'Failed',
}

/** @param names names of users by id: of the people who looked, never of those they looked at */
export function buildAudit(
  verdict: AuditVerdict,
  entries: readonly RecordedEntry[],
  names: ReadonlyMap<string, string>,
): AuditView {
  return {
    isWhole: verdict.kind === 'ok',
    verdict: verdictText(verdict),
    entries: {
      caption: 'The latest 100 entries, newest first',
      columns: ['Number', 'When (UTC)', 'Who', 'What', 'Outcome', 'Person (start of reference)', 'Data'].map(
        (text) => ({
          text,
          numeric: false,
        }),
      ),
      rows: entries.map((entry) => [
        String(entry.sequence),
        entry.at.slice(0, 19).replace('T', ' '),
        whoText(entry, names),
        actionNames[entry.action] ?? entry.action,
        outcomeNames[entry.outcome],
        entry.subject?.slice(0, 12) ?? '',
        entry.dataVersion ?? '',
      ]),
    },
  }
}

function whoText({ who, role }: RecordedEntry, names: ReadonlyMap<string, string>): string {
  const name = names.get(who) ?? who
  return role !== null && isRole(role) ? `${name} (${roleNames[role]})` : name
}

function verdictText(verdict: AuditVerdict): string {
  switch (verdict.kind) {
    case 'ok':
      return `The log is whole: ${count(verdict.entries, 'entry', 'entries')}, each following from the one before.`
    case 'changed':
      return `Entry ${verdict.at} was changed after it was written.`
    case 'gap':
      return `Entry ${verdict.at} is missing.`
    case 'wrongKey':
      return 'No entry fits the audit key: it is another log’s key, or the whole log was written anew without it.'
  }
}
