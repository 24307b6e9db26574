import { lstatSync, readFileSync } from 'node:fs'
import { DsrError } from '../register/errors.ts'

/**
 * What is wrong with a file that a contract names beside itself; null where nothing is. A secret must be a plain file
 * that only its owner can read (security.md KE-05); a certificate or a list of known hosts may be read by all.
 */
export function secretProblem(path: string, isSecret: boolean): DsrError | null {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return new DsrError('input', `${path} is missing.`, 'Put it there, or correct its name in the contract.')
  if (!stat.isFile() && !(stat.isSymbolicLink() && !isSecret))
    return new DsrError('input', `${path} is not a plain file.`, 'Put the file itself there.')
  if (isSecret && (stat.mode & 0o077) !== 0)
    return new DsrError('input', `${path} can be read by others than its owner.`, `Run: chmod 600 ${path}`)
  if (stat.isFile() && stat.size === 0)
    return new DsrError('input', `${path} is empty.`, 'Put the right content into it.')
  return null
}

/** The text of a secret, without the line end that editors add. Throws DsrError 'input'; its message holds no secret. */
export function readSecret(path: string): string {
  const problem = secretProblem(path, true)
  if (problem) throw problem
  return readFileSync(path, 'utf8').trim()
}
