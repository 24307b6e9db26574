import { execFileSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { projectRoot } from '../../register/projectRoot.ts'

/** Path of a server program; installed where it is missing. Throws where it cannot be had, so that the test fails. */
export function findServer(program: 'sshd' | 'postgres'): string {
  return execFileSync('bash', [join(projectRoot, 'tests/servers/findServer.sh'), program], { encoding: 'utf8' }).trim()
}

/** A port of this machine that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Tries until it works; throws what went wrong last after 20 seconds. */
export async function untilReady(attempt: () => void | Promise<void>): Promise<void> {
  const end = Date.now() + 20_000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
