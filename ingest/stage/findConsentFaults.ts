import type { DuckDBConnection } from '@duckdb/node-api'
import { defaultConsentRules, type ConsentRule } from '../../register/settings.ts'
import { blocksOf, columnOf, type Contract } from '../contract.ts'
import { ruledDecisionSql, writeConsentRules } from '../register/writeConsentRules.ts'
import { run } from '../statement.ts'
import type { FaultBook } from './faultBook.ts'

/**
 * Tells an agency of the register where consent is missing or no longer good (docs/consent.md). These are warnings: the
 * record is kept, and the consent gate decides over all agencies. Works on the staged tables; a contract that maps no
 * consent costs nothing.
 */
export async function findConsentFaults(
  connection: DuckDBConnection,
  contract: Contract,
  faults: FaultBook,
  rules: readonly ConsentRule[] = defaultConsentRules,
): Promise<void> {
  if (contract.basis !== 'register_consent' || blocksOf(contract, 'consents').length === 0) return
  const column = columnOf(contract, 'consents', 'basis') ?? ''
  const fault = (code: 'basis_missing' | 'basis_not_for_age' | 'basis_overtaken'): number =>
    faults.add('consents', 'basis', column, code)
  await run(
    connection,
    'find people without a basis',
    `insert into faults
    select distinct people.sheet, people.record, ${fault('basis_missing')}
    from staged_people as people
    anti join (from staged_consents where basis <> 'K90' or withdrawn_date is not null or refused_date is not null) as consents using (local_id)
    where people.local_id is not null`,
  )
  await writeConsentRules(connection, rules)
  await run(connection, 'choose the newest basis of each person', newestSql)
  await run(
    connection,
    'judge bases by age',
    `insert into faults
    select key.sheet, key.record, case when fits then ${fault('basis_overtaken')} else ${fault('basis_not_for_age')} end
    from (${ruledDecisionSql('newest_bases')})
    where not fits or ends_on <= getvariable('delivered_on')`,
  )
}

/** Older decisions of a history have been overtaken by newer ones, and nobody need be told. */
const newestSql = `
create or replace temp table newest_bases as
with
newest as (
    select
        local_id,
        arg_max(
            {'sheet': sheet, 'record': record, 'basis': basis, 'decided_on': decision_date},
            (decision_date, basis in ('K91', 'K92'))
        ) as said
    from staged_consents
    where local_id is not null and basis <> 'K90' and decision_date is not null
    group by local_id
),
people as (
    select local_id, min(date_of_birth) as date_of_birth, min(responsible_icb_ods) as place
    from staged_people
    group by local_id
)
select
    {'sheet': newest.said.sheet, 'record': newest.said.record} as key,
    newest.said.basis as basis, newest.said.decided_on as decided_on,
    people.date_of_birth, people.place
from newest
join people using (local_id)
where newest.said.basis between 'K01' and 'K08'`
