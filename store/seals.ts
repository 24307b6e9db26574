import { existsSync } from 'node:fs'
import { openAppDatabase, type AppDatabase } from './appDatabase.ts'
import type { Deployment } from './deployment.ts'

/** Hides a case from every page at once; sessions that are open see it no more from their next request on. */
export async function sealCase(deployment: Deployment, caseRef: string, now: number): Promise<void> {
  await withApp(deployment, (app) =>
    app
      .insertInto('sealed')
      .values({ case_ref: caseRef, sealed_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  )
}

/** Lets cases be seen again. */
export async function unsealCases(deployment: Deployment, caseRefs: readonly string[]): Promise<void> {
  if (caseRefs.length === 0 || !existsSync(deployment.appDatabase)) return
  await withApp(deployment, (app) => app.deleteFrom('sealed').where('case_ref', 'in', caseRefs).execute())
}

/** References of all cases that are sealed. */
export async function sealedCases(app: AppDatabase): Promise<readonly string[]> {
  const rows = await app.selectFrom('sealed').select('case_ref').execute()
  return rows.map((row) => row.case_ref)
}

async function withApp(deployment: Deployment, work: (app: AppDatabase) => Promise<unknown>): Promise<void> {
  const app = openAppDatabase(deployment.appDatabase)
  try {
    await work(app)
  } finally {
    await app.destroy()
  }
}
