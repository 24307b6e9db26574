import { startOpen, type OpenServer } from '../../dashboard/openServer.ts'
import type { Log } from '../../dashboard/requestLog.ts'
import { madeUpDeployment, release, type MadeUpDeployment, type MadeUpRegister } from '../publish/madeUpWarehouse.ts'

export interface OpenDashboard {
  readonly made: MadeUpDeployment
  readonly server: OpenServer
  /** What was logged, one object a line. */
  readonly logged: Readonly<Record<string, string | number>>[]
  get(path: string, init?: RequestInit): Promise<Response>
}

/** The open process over a made-up release, on a free port. */
export async function openDashboard(register?: MadeUpRegister): Promise<OpenDashboard> {
  const made = await madeUpDeployment(register)
  await release(made)
  return serve(made)
}

export async function serve(made: MadeUpDeployment): Promise<OpenDashboard> {
  const logged: Record<string, string | number>[] = []
  const log: Log = {
    info: (fields) => logged.push({ ...fields }),
    error: (fields) => logged.push({ level: 'error', ...fields }),
  }
  const server = await startOpen({ deployment: made.deployment, port: 0, log })
  return { made, server, logged, get: (path, init) => fetch(`${server.url}${path}`, { redirect: 'manual', ...init }) }
}
