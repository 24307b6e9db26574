import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Deployment } from '../store/deployment.ts'
import type { Keys } from '../store/keys.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import { checkOf } from './checks.ts'
import type { Contract } from './contract.ts'
import { readContracts } from './readContracts.ts'
import { chooseDeliveries } from './register/chooseDeliveries.ts'
import { findHolding } from './register/findHolding.ts'
import { findRepeats } from './register/findRepeats.ts'
import { numberIn, query, textIn } from './statement.ts'

/** One fault of one record that was set aside: where it is, what is wrong, how to put it right. Never the value. */
export interface QuarantinedRow {
  readonly feed: string
  readonly file: string
  readonly deliveredOn: string
  readonly sheet: string
  /** Line of the file, or row of the sheet, where the record starts. */
  readonly row: number
  /** The agency's name of the column; '' where the fault is of the whole record. */
  readonly column: string
  readonly code: string
  readonly severity: string
  readonly sentence: string
  readonly remedy: string
  /** Day of the extract that stays in force for the person until this is put right; '' where none does. */
  readonly heldOverFrom: string
}

/**
 * Everything that was set aside or flagged in what each feed says now (its last full delivery and the partial ones since),
 * in order of feed, sheet and row.
 */
export async function listQuarantine(deployment: Deployment, keys: Keys<'store'>): Promise<readonly QuarantinedRow[]> {
  return withLanding(deployment, keys, [], async (connection) => {
    const rows = await query(
      connection,
      'list quarantine',
      `with
      told_before as (
          select named.delivery, named.sheet, named.record, max(holding.delivered_on) as held_over_from
          from named
          join holding on holding.feed = named.feed and holding.local_id = named.local_id and holding.is_held_over
          group by named.delivery, named.sheet, named.record
      )
      -- One column can feed two fields: the agency is told once.
      select distinct
          deliveries.feed, deliveries.file_name, strftime(deliveries.delivered_on, '%Y-%m-%d') as delivered_on, deliveries.rank,
          faults.sheet, faults.record, faults.column_name, faults.code, faults.severity,
          strftime(told_before.held_over_from, '%Y-%m-%d') as held_over_from
      from (
          select delivery, sheet, record, column_name, code, severity from landing.faults
          union all
          select delivery, sheet, record, '', 'duplicate_of_earlier', 'duplicate' from repeats
      ) as faults
      join ranked_deliveries as deliveries on deliveries.delivery = faults.delivery and deliveries.is_in_force
      left join told_before
          on told_before.delivery = faults.delivery and told_before.sheet = faults.sheet and told_before.record = faults.record
      order by deliveries.feed, deliveries.rank, faults.sheet, faults.record, faults.column_name, faults.code`,
    )
    return rows.map((row) => {
      const code = textIn(row, 'code')
      const { sentence, remedy } = checkOf(code)
      return {
        feed: textIn(row, 'feed'),
        file: textIn(row, 'file_name'),
        deliveredOn: textIn(row, 'delivered_on'),
        sheet: textIn(row, 'sheet'),
        row: numberIn(row, 'record'),
        column: textIn(row, 'column_name'),
        code,
        severity: textIn(row, 'severity'),
        sentence,
        remedy,
        heldOverFrom: textIn(row, 'held_over_from'),
      }
    })
  })
}

/** Opens landing for reading, with what each feed says now worked out; `none` where nothing has been landed. */
export async function withLanding<Result>(
  deployment: Deployment,
  keys: Keys<'store'>,
  none: Result,
  work: (connection: DuckDBConnection, contracts: readonly Contract[]) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(deployment.landing)) return none
  const contracts = readContracts(deployment)
  const folder = join(deployment.work, `quarantine-${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [{ path: deployment.landing, alias: 'landing', key: keys.store, readOnly: true }],
    tempDirectory: folder,
  })
  try {
    await chooseDeliveries(database.connection, contracts)
    await findHolding(database.connection)
    await findRepeats(database.connection)
    return await work(database.connection, contracts)
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
