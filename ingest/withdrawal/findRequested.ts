import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

/** Which persons the requests of `dsr withdraw` are about. Leaves `requested_withdrawals` (request, person_id, decided_on, code). */
export async function findRequested(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'find whom requests are about',
    `create or replace temp table requested_withdrawals as
    select distinct requests.request, persons.person_id, requests.decided_on, requests.code
    from landing.withdrawals as requests
    left join landing.case_refs as refs on refs.case_ref = requests.case_ref
    join node_persons as persons
        on persons.alias = refs.person_id
        or (persons.feed = requests.feed and persons.local_id = requests.local_id and persons.is_current)`,
  )
}
