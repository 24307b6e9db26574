import type { VersionData } from '../openVersions.ts'
import { text } from '../words.ts'

export interface FoundCase {
  readonly personId: string
  readonly pseudonym: string
  /** What the audit calls the person. */
  readonly auditRef: string
  /** ODS code of the responsible ICB, or null where none is recorded. */
  readonly place: string | null
}

const sql = `
    select pseudonyms.person_id, pseudonyms.pseudonym, pseudonyms.audit_ref, people.responsible_icb_ods
    from register.main.persons as persons
    join register.main.pseudonyms as pseudonyms on pseudonyms.person_id = persons.person_id
    join register.main.people as people on people.person_id = persons.person_id
    where persons.case_ref = $case_ref`

/** The person of a case reference, by as little as is needed to decide who may see more; null when there is none. */
export async function findCase(data: VersionData, caseRef: string): Promise<FoundCase | null> {
  const [row] = await data.rows(sql, { case_ref: caseRef })
  if (!row) return null
  return {
    personId: text(row['person_id']),
    pseudonym: text(row['pseudonym']),
    auditRef: text(row['audit_ref']),
    place: text(row['responsible_icb_ods']) || null,
  }
}
