import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { findServer, freePort, untilReady } from './findServer.ts'

/** A real OpenSSH server of this test's own, with its own keys, that offers a folder of files. */
export interface SftpServer {
  /** Address of the folder that it offers. */
  readonly url: string
  /** The folder itself, for a test to put files into. */
  readonly files: string
  readonly key: string
  readonly knownHosts: string
  stop(): Promise<void>
}

/** @param forced - what the server runs instead of its own SFTP part; for servers that misbehave */
export async function startSshd(forced = 'internal-sftp'): Promise<SftpServer> {
  const program = findServer('sshd')
  const folder = mkdtempSync(join(tmpdir(), 'dsr-sshd-'))
  const at = (name: string): string => join(folder, name)
  const files = at('out')
  mkdirSync(files)
  for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)])
  writeFileSync(at('authorized'), readFileSync(at('user.pub')))
  chmodSync(at('authorized'), 0o600)
  const port = await freePort()
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8')}`)
  // sshd, run as root, wants the folder that it locks itself into before somebody has logged in.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `PidFile ${at('pid')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'Subsystem sftp internal-sftp',
    `ForceCommand ${forced}`,
  ]
  writeFileSync(at('config'), `${settings.join('\n')}\n`)
  const server = spawn(program, ['-D', '-e', '-f', at('config')], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await untilReady(() => reach(port))
  return {
    url: `sftp://${userInfo().username}@127.0.0.1:${port}${files}`,
    files,
    key: at('user'),
    knownHosts: at('known_hosts'),
    async stop() {
      // With the processes of open sessions, which have left its group.
      for (const pid of [...below(server.pid), ...(server.pid === undefined ? [] : [server.pid])])
        process.kill(pid, 'SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The processes that a process has started, and theirs. */
function below(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  const file = `/proc/${pid}/task/${pid}/children`
  const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
  return children.flatMap((child) => [...below(child), child])
}

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
