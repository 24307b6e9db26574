import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { secretProblem } from '../secretFile.ts'
import { brokenOff, tooLarge, type RemoteFile, type Source } from './source.ts'

/** Milliseconds after which a transfer that still goes on is given up. */
const patience = 6 * 3600 * 1000

export interface SftpPlace {
  readonly sftp: string
  /** Full paths. */
  readonly keyFile: string
  readonly knownHosts: string
  readonly patience?: number
}

/**
 * A folder of an SFTP server, by the system's own OpenSSH client: nothing of the user's own settings, keys or agent
 * counts, only the key and the known hosts that the contract names, and nobody is ever asked anything.
 */
export function sftpSource(place: SftpPlace): Source {
  const folder = folderOf(place)
  return {
    async list() {
      const { out } = await perform(place, [`cd ${quote(folder)}`, 'ls -ln'], null)
      return out.split('\n').flatMap(fileOf)
    },
    async fetch(file, { folder: ours, target, limit }) {
      if ((file.bytes ?? 0) > limit) throw tooLarge(limit)
      if (!/^[\p{L}\p{N} ._()+,=@-]+$/u.test(file.name)) {
        throw new DsrError('input', 'Its name holds characters that are not taken.', 'Ask the agency to rename it.')
      }
      const name = target.slice(ours.length + 1)
      await perform(place, [`cd ${quote(folder)}`, `get ${quote(file.name)} ${name}`], { ours, limit })
      if (statSync(target).size !== file.bytes) throw brokenOff()
      return file.version
    },
  }
}

function folderOf({ sftp }: SftpPlace): string {
  const path = /^sftp:\/\/[^/]+(\/.*)$/.exec(sftp)?.[1] ?? '/'
  return path.startsWith('/~') ? `.${path.slice(2)}` : path
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** A line of `ls -ln` that is a plain file. Its time has the minute, or for older files the day; its size tells more. */
function fileOf(line: string): RemoteFile[] {
  const [, bytes = '', time = '', name = ''] =
    /^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+(\w{3}\s+\d+\s+[\d:]+)\s(.+)$/.exec(line.trimEnd()) ?? []
  if (name === '') return []
  const version = `${bytes} ${time.replaceAll(/\s+/g, ' ')}`
  return [{ name, place: name, version, bytes: Number(bytes), sha256: null }]
}

function optionsOf({ sftp, keyFile, knownHosts }: SftpPlace): readonly string[] {
  const [, user = '', host = '', port = '22'] = /^sftp:\/\/([^@]+)@([^/:]+)(?::(\d+))?\//.exec(sftp) ?? []
  const options = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: quote(knownHosts),
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    IdentityFile: quote(keyFile),
    PreferredAuthentications: 'publickey',
    ConnectTimeout: '20',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
    Port: port,
    LogLevel: 'ERROR',
  }
  const given = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['-F', 'none', ...given, '-b', '-', '--', `${user}@${host}`]
}

/** The shell bounds what the client may write: a server that sends more than it promised is cut off; only we may read it. */
const limited = 'umask 077; ulimit -f "$1" 2>/dev/null; shift; exec "$@"'

async function perform(
  place: SftpPlace,
  commands: readonly string[],
  write: { readonly ours: string; readonly limit: number } | null,
): Promise<{ readonly out: string }> {
  for (const [path, isSecret] of [
    [place.keyFile, true],
    [place.knownHosts, false],
  ] as const) {
    const problem = secretProblem(path, isSecret)
    if (problem) throw problem
  }
  const blocks = write === null ? 0 : Math.ceil(write.limit / 512) + 1
  const child = spawn('/bin/sh', ['-c', limited, 'sh', String(blocks), 'sftp', ...optionsOf(place)], {
    ...(write === null ? {} : { cwd: write.ours }),
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C.UTF-8' },
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (out.length < 20_000_000) out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (err.length < 20_000) err += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${commands.join('\n')}\n`)
  const clock = setTimeout(() => child.kill('SIGKILL'), place.patience ?? patience)
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (exit) => resolve(exit))
  })
  clearTimeout(clock)
  if (code === 0) return { out }
  throw explain(code, err)
}

/** The client's own words name hosts, users and files; which case it was is kept. */
function explain(code: number | null, said: string): DsrError {
  if (code === 127) {
    return new DsrError(
      'input',
      'The sftp program is not installed on this machine.',
      'Install OpenSSH’s client (Debian: apt-get install openssh-client).',
    )
  }
  const found = cases.find(({ pattern }) => pattern.test(said))
  return found ? new DsrError('input', found.what, found.remedy) : brokenOff()
}

const cases: readonly { readonly pattern: RegExp; readonly what: string; readonly remedy: string }[] = [
  {
    pattern: /host key verification failed|no .*host key is known|identification has changed/i,
    what: 'The server shows another key than known_hosts says, or one that is not in it.',
    remedy:
      'Ask the agency for the fingerprint of its server’s key; only when it is right, put the key into known_hosts.',
  },
  {
    pattern: /error in libcrypto|invalid format|load key|incorrect passphrase/i,
    what: 'The key_file is no private key, or has a passphrase.',
    remedy: 'Put a private key without a passphrase there: ssh-keygen -t ed25519 -N "".',
  },
  {
    pattern: /permission denied \(|too many authentication failures/i,
    what: 'The server does not let us in.',
    remedy: 'Check user and key_file of the contract, and that the agency has our public key.',
  },
  {
    pattern: /could not resolve|connection refused|timed out|no route|unreachable/i,
    what: 'The server cannot be reached.',
    remedy: 'Check host and port in the contract, and that the network lets us through.',
  },
  {
    pattern: /no such file|not found|not a directory|couldn't canonicalize/i,
    what: 'The server has no such folder or file.',
    remedy: 'Correct the folder in from.pull.sftp of the contract.',
  },
  {
    pattern: /permission denied/i,
    what: 'The server does not let us read the folder or file.',
    remedy: 'Ask the agency to let this user read it.',
  },
]
