import { join } from 'node:path'
import { versionFiles } from '../store/deployment.ts'
import { openDuckDB } from '../store/openDuckDB.ts'
import type { Step } from '../store/step.ts'
import { checkLineage } from './checkLineage.ts'
import { runDbt, type DbtResult } from './runDbt.ts'
import { writeReference } from './writeReference.ts'

/** Counts of what dbt built and tested. */
export interface TransformReport {
  readonly models: number
  readonly tests: number
  /** Each was followed back to the register and tells nothing of one person. */
  readonly publishedColumns: number
}

/** A line of progress every so many models and tests. */
const reportEvery = 40

/**
 * Builds the marts and the published cells: writes schema `reference` into the warehouse, then runs dbt on it.
 * Needs no key: the warehouse holds no identifier. Leaves no write-ahead log behind.
 *
 * @throws DsrError `input` when a setting does not do, `leak` when a published column tells something of one person;
 *   Error naming the models and tests that failed, without any value
 */
export async function transform(step: Step): Promise<TransformReport> {
  const { warehouse } = versionFiles(step.versionFolder)
  await withWarehouse(warehouse, async (database) => {
    await writeReference(database.connection, 'warehouse', step.settings, step.asOf, step.deployment.reference)
  })
  step.report('settings, code lists and places written')
  const work = join(step.deployment.work, 'dbt')
  const result = await runDbt({
    warehouse,
    work,
    parsed: step.deployment.parsedModels,
    command: ['build', '--exclude-resource-type', 'unit_test'],
    progress: (done, all) => {
      if (done % reportEvery === 0 || done === all) step.report(`${done} of ${all} models and tests`)
    },
  })
  requireDone(result, step.report)
  const publishedColumns = await checkLineage(work)
  await withWarehouse(warehouse, async (database) => {
    await database.connection.run('checkpoint warehouse')
  })
  return { models: namesOf(result, 'success').length, tests: namesOf(result, 'pass').length, publishedColumns }
}

async function withWarehouse(
  path: string,
  use: (database: Awaited<ReturnType<typeof openDuckDB>>) => Promise<void>,
): Promise<void> {
  const database = await openDuckDB({ attach: [{ path, alias: 'warehouse' }] })
  try {
    await use(database)
  } finally {
    database.close()
  }
}

/** A test of our own logic that fails stops the run: it is our bug, never the agencies' (their faults are quality_ rows). */
function requireDone(result: DbtResult, report: Step['report']): void {
  if (result.isDone) return
  const failed = [...namesOf(result, 'error'), ...namesOf(result, 'fail')]
  for (const name of failed.slice(0, 20)) report(`failed: ${name}`)
  throw new Error(`dbt stopped: ${failed.length > 0 ? failed.join(', ') : 'before its first model'}`)
}

function namesOf(result: DbtResult, state: string): readonly string[] {
  return result.outcomes.get(state) ?? []
}
