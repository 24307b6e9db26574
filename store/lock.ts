import Database from 'libsql'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DsrError } from '../register/errors.ts'
import type { Deployment } from './deployment.ts'

/**
 * Holds the deployment for one writing command. SQLite's exclusive lock is one of the operating system's, so it ends
 * with its holder, however that dies (security.md RL-03).
 */
export function lockDeployment(deployment: Deployment): { release(): void } {
  mkdirSync(dirname(deployment.lock), { recursive: true, mode: 0o700 })
  const database = new Database(deployment.lock, { timeout: 500 })
  try {
    database.exec('begin exclusive')
  } catch {
    database.close()
    throw new DsrError(
      'locked',
      `Another run is working on ${deployment.home}.`,
      'Wait until it has finished, then try again.',
    )
  }
  return {
    release() {
      database.exec('rollback')
      database.close()
    },
  }
}
