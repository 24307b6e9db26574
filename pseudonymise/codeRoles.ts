import type { DuckDBConnection } from '@duckdb/node-api'
import { readCodes } from '../register/readCodes.ts'
import { runSql } from './runSql.ts'

/**
 * Fills the temporary table `role_codes` (role, code): for each role of a professional in a sender's words, the code of the
 * closed list whose longest phrase stands in it as whole words ("Snr LD Nurse (North)" is a nurse), else `other`.
 */
export async function codeRoles(connection: DuckDBConnection): Promise<void> {
  await runSql(connection, 'making the list of roles', 'create temp table role_phrases (code varchar, phrase varchar)')
  const appender = await connection.createAppender('role_phrases')
  for (const { code, more } of readCodes('professional_roles')) {
    for (const phrase of (more['words'] ?? '').split(';').filter((words) => words !== '')) {
      appender.appendVarchar(code)
      appender.appendVarchar(phrase)
      appender.endRow()
    }
  }
  appender.closeSync()
  await runSql(connection, 'coding roles', roleCodesSql)
}

const roleCodesSql = `
create temp table role_codes as
with

said as (
    select distinct role, ' ' || trim(regexp_replace(lower(role), '[^a-z0-9]+', ' ', 'g')) || ' ' as words
    from register.main.professionals
    where role is not null and trim(role) <> ''
)

select said.role, coalesce(arg_max(role_phrases.code, (length(role_phrases.phrase), role_phrases.code)), 'other') as code
from said
left join role_phrases on contains(said.words, ' ' || role_phrases.phrase || ' ')
group by said.role`
