import { resolve } from 'node:path'
import type { Deployment } from '../../store/deployment.ts'
import type { Contract } from '../contract.ts'
import { secretProblem } from '../secretFile.ts'

/** What is wrong with the secrets and certificates that a contract names to fetch its files, in sentences. */
export function pullProblems(deployment: Deployment, contract: Contract): readonly string[] {
  return filesOf(contract).flatMap(({ path, isSecret }) => {
    const problem = secretProblem(resolve(deployment.home, path), isSecret)
    return problem ? [`${problem.message} ${problem.remedy}`] : []
  })
}

function filesOf({ from }: Contract): readonly { readonly path: string; readonly isSecret: boolean }[] {
  // What is wrong with a database's connection file is said when the database is read.
  if ('postgres' in from || from.pull === undefined || 'folder' in from.pull) return []
  if ('sftp' in from.pull) {
    const { key_file: key, known_hosts: hosts } = from.pull
    return [
      { path: key, isSecret: true },
      { path: hosts, isSecret: false },
    ]
  }
  const { token_file: token, ca_file: authority } = from.pull
  return [
    ...(token === undefined ? [] : [{ path: token, isSecret: true }]),
    ...(authority === undefined ? [] : [{ path: authority, isSecret: false }]),
  ]
}
