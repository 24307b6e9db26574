import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

/**
 * The tables of landing that withdrawal needs.
 * - `withdrawals`: requests of `dsr withdraw` that no run has carried out yet.
 * - `tombstones`: what stays of a person who withdrew, as keyed digests: nothing that tells who it was.
 * - `receipts`: withdrawals carried out, with what there was before; a receipt that is not yet written is finished by the
 *   next run.
 * - `unarchived`: deliveries whose file held a person who withdrew, and is therefore not archived again.
 */
export async function prepareWithdrawal(connection: DuckDBConnection): Promise<void> {
  const tables = [
    `withdrawals (request varchar not null, decided_on date not null, code varchar not null, case_ref varchar, feed varchar, local_id varchar, requested_at timestamp not null)`,
    `tombstones (
        withdrawal varchar not null, person_digest varchar not null, number_digest varchar, local_digest varchar, names_digest varchar,
        born_digest varchar, likeness_digest varchar, withdrawn_on date not null, code varchar not null, source varchar not null,
        recorded_on date not null, superseded_on date
    )`,
    `receipts (
        withdrawal varchar not null, withdrawn_on date not null, code varchar not null, source varchar not null, recorded_on date not null,
        before varchar not null, landing_after varchar, deliveries varchar[] not null, is_rewritten boolean not null, is_written boolean not null
    )`,
    `unarchived (delivery varchar not null)`,
  ]
  for (const table of tables) await run(connection, 'prepare withdrawal', `create table if not exists landing.${table}`)
}
