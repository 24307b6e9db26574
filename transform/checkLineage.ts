import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DsrError, exitCodes } from '../register/errors.ts'
import { projectRoot } from '../register/projectRoot.ts'

interface Ended {
  readonly code: unknown
  readonly said: string
  readonly fault: string
}

/**
 * Follows every published column through the SQL that dbt compiled, back to the columns of the pseudonymised register.
 * @param work where dbt left its artefacts.
 * @returns how many published columns were followed
 * @throws DsrError `leak` with the way of each column that tells something of one person, or with the model that cannot
 *   be followed; both quote our SQL and no data
 */
export async function checkLineage(work: string): Promise<number> {
  const python = join(projectRoot, '.venv/bin/python')
  const args = [join(projectRoot, 'transform/checkLineage.py'), join(work, 'manifest.json')]
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' }
  const { code, said, fault } = await new Promise<Ended>((resolve) => {
    execFile(python, args, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, said: stdout.trimEnd(), fault: stderr }),
    )
  })
  const followed = /^(\d+) published columns/.exec(said)
  if (code === 0 && followed) return Number(followed[1])
  if (code === 'ENOENT' || fault.includes('ModuleNotFoundError')) {
    throw new DsrError(
      'input',
      'What follows published columns to their sources is not installed.',
      'Run: make install',
    )
  }
  if (code !== exitCodes.leak) throw new Error(`the lineage check ended with ${String(code)}`)
  const lines = said.split('\n')
  throw new DsrError('leak', lines.slice(0, -1).join('\n'), lines.at(-1) ?? '')
}
