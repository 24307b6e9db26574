import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../register/errors.ts'
import { runSql } from './runSql.ts'

/**
 * Every pseudonym of the register is of one version of the key, and of the wanted one where it is said: two versions would
 * be two people where there is one (security.md PS-07). The closed-text check holds the warehouse to these pseudonyms.
 * Needs `register` attached.
 * @throws DsrError `corrupt` that names the versions
 */
export async function checkKeyVersion(connection: DuckDBConnection, wanted?: number): Promise<void> {
  const rows = await runSql(
    connection,
    'reading the versions of pseudonyms',
    `select distinct regexp_extract(pseudonym, '^p([1-9][0-9]*)x?_[0-9a-f]{32}$', 1) as version
    from register.main.pseudonyms`,
  )
  const found = rows.map((row) => Number(row['version'])).sort((a, b) => a - b)
  const isRight = found.every((version) => version > 0 && version === (wanted ?? found[0]))
  if (isRight) return
  throw new DsrError(
    'corrupt',
    `Pseudonyms of ${wanted === undefined ? 'one version' : `version ${wanted}`} of the key were expected; found: ${found.map(String).join(', ')} (0: no pseudonym).`,
    'Nothing was switched over. Run again: dsr run, which makes all of them anew.',
  )
}
