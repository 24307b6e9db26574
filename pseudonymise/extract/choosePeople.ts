import type { DuckDBConnection } from '@duckdb/node-api'
import { bindHmacKey, forgetHmacKey, hmacSql } from '../../store/hmac.ts'
import { deriveKey } from '../../store/keys.ts'
import { runSql } from '../runSql.ts'
import type { Project } from './project.ts'

export interface ChosenPeople {
  readonly onRegister: number
  readonly optedOut: number
  /** People of whom no agency says whether they opted out. */
  readonly optOutNotRecorded: number
  /** People who may be in the extract. */
  readonly chosen: number
}

/** What an extract's own pseudonyms look like; the number is the version of the stored ones they are made from. */
export const extractPseudonymPattern = /^x[1-9]\d*_[0-9a-f]{32}$/

/**
 * Fills the temporary table `chosen_people` (pseudonym, who): everyone on the register who has not opted out of uses beyond
 * care, with a pseudonym that only this project has. The key comes from the deployment's by the project's name, so two
 * projects' files cannot be joined, and neither can one with the register (security.md PS-02). The pairs are kept nowhere.
 *
 * One agency that records the opt-out is enough, whatever the others say.
 */
export async function choosePeople(connection: DuckDBConnection, key: Buffer, project: Project): Promise<ChosenPeople> {
  await bindHmacKey(connection, 'extract', deriveKey(key, `extract/${project.name}`))
  try {
    await runSql(connection, 'choosing the people of the extract', peopleSql)
  } finally {
    await forgetHmacKey(connection, 'extract')
  }
  const leaves = `opted_out${project.opt_out_not_recorded === 'leave_out' ? ' is distinct from false' : ''}`
  await runSql(
    connection,
    'leaving out who opted out',
    `create temp table chosen_people as select pseudonym, who from asked_people where not coalesce(${leaves}, false)`,
  )
  const [row] = await runSql(
    connection,
    'counting the people of the extract',
    `select
        (select count(*) from asked_people) as on_register,
        (select count(*) from asked_people where opted_out) as opted_out,
        (select count(*) from asked_people where opted_out is null) as not_recorded,
        (select count(*) from chosen_people) as chosen,
        (select count(distinct who) from chosen_people) as different`,
  )
  const number = (name: string): number => Number(row?.[name] ?? 0)
  if (number('different') !== number('chosen')) throw new Error('two people share a pseudonym of the extract')
  return {
    onRegister: number('on_register'),
    optedOut: number('opted_out'),
    optOutNotRecorded: number('not_recorded'),
    chosen: number('chosen'),
  }
}

const peopleSql = `
create temp table asked_people as
with

opt_outs as (
    select person_id, bool_or(national_data_opt_out) as opted_out
    from register.main.agency_records
    group by person_id
)

select
    pseudonyms.pseudonym,
    'x' || regexp_extract(pseudonyms.pseudonym, '^p([0-9]+)', 1) || '_'
        || left(${hmacSql('extract', `'dsr/extract|' || pseudonyms.pseudonym`)}, 32) as who,
    opt_outs.opted_out
from register.main.pseudonyms as pseudonyms
join register.main.persons as persons on persons.person_id = pseudonyms.person_id
left join opt_outs on opt_outs.person_id = pseudonyms.person_id`
