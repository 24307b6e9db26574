import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from '../store/deployment.ts'
import type { Keys } from '../store/keys.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import { checkOf } from './checks.ts'
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
}

/** Everything that was set aside or flagged in the newest delivery of each feed, in order of feed, sheet and row. */
export async function listQuarantine(deployment: Deployment, keys: Keys<'store'>): Promise<readonly QuarantinedRow[]> {
  if (!existsSync(deployment.landing)) return []
  const folder = join(deployment.work, `quarantine-${process.pid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [{ path: deployment.landing, alias: 'landing', key: keys.store, readOnly: true }],
    tempDirectory: folder,
  })
  try {
    const rows = await query(
      database.connection,
      'list quarantine',
      `with
      newest as (
          select *
          from landing.deliveries
          qualify row_number() over (partition by feed order by delivered_on desc, sequence desc) = 1
      )
      -- One column can feed two fields: the agency is told once.
      select distinct
          newest.feed, newest.file_name, strftime(newest.delivered_on, '%Y-%m-%d') as delivered_on,
          faults.sheet, faults.record, faults.column_name, faults.code, faults.severity
      from landing.faults as faults
      join newest using (delivery)
      order by newest.feed, faults.sheet, faults.record, faults.column_name, faults.code`,
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
      }
    })
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
