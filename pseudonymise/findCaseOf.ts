import { basename } from 'node:path'
import type { Pseudonym } from '../register/pseudonym.ts'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import { runSql } from './runSql.ts'

/** Whose pseudonym it is, by our own references: nothing here says who the person is. */
export interface CaseOfPseudonym {
  /** Null: only a statutory inpatient feed knows the person, so there is no case. */
  readonly caseRef: string | null
  readonly auditRef: string
  readonly versionId: string
}

/** Looks one pseudonym up in the register of a version; null where nobody has it. */
export async function findCaseOf(
  versionFolder: string,
  storeKey: Buffer,
  pseudonym: Pseudonym,
): Promise<CaseOfPseudonym | null> {
  const database = await openDuckDB({
    attach: [{ path: versionFiles(versionFolder).register, alias: 'register', key: storeKey, readOnly: true }],
    lockDown: true,
  })
  try {
    const [row] = await runSql(
      database.connection,
      'looking a pseudonym up',
      `select persons.case_ref, pseudonyms.audit_ref
      from register.main.pseudonyms as pseudonyms
      left join register.main.persons as persons on persons.person_id = pseudonyms.person_id
      where pseudonyms.pseudonym = $pseudonym`,
      { pseudonym },
    )
    if (!row) return null
    const caseRef = row['case_ref']
    return {
      caseRef: typeof caseRef === 'string' ? caseRef : null,
      auditRef: String(row['audit_ref']),
      versionId: basename(versionFolder),
    }
  } finally {
    database.close()
  }
}
