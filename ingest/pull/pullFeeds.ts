import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { syncPath } from '../../store/atomicFile.ts'
import type { Deployment } from '../../store/deployment.ts'
import type { Contract, Pull } from '../contract.ts'
import { digestFile, filePattern } from '../landing/findFiles.ts'
import { folderSource } from './folderSource.ts'
import { httpsSource } from './httpsSource.ts'
import { PulledFiles } from './pulledFiles.ts'
import { safeName } from './safeName.ts'
import { sftpSource } from './sftpSource.ts'
import { tooLarge, type RemoteFile, type Source } from './source.ts'

export interface PulledFeed {
  readonly feed: string
  readonly fetched: readonly { readonly file: string; readonly bytes: number }[]
  /** Files that are as they were when they were fetched. */
  readonly unchanged: number
  /** What could not be fetched, and why. */
  readonly problems: readonly string[]
}

/** A file on its way; hidden, so that nothing takes it for an extract. */
const arriving = '.arriving-'

/**
 * Fetches what is new at the source of each contract that names one, into the folder in which its files wait. A file
 * comes under a hidden name and gets its own only when it is whole: a broken connection leaves nothing. A source that
 * fails does not stop the others.
 */
export async function pullFeeds(
  deployment: Deployment,
  contracts: readonly Contract[],
  report: (line: string) => void,
): Promise<readonly PulledFeed[]> {
  const pulled = new PulledFiles(deployment)
  const feeds: PulledFeed[] = []
  for (const contract of contracts) {
    if (!('folder' in contract.from) || contract.from.pull === undefined) continue
    const order = {
      contract,
      folder: resolve(deployment.home, contract.from.folder),
      pattern: filePattern(contract.from.files),
      source: sourceOf(deployment, contract.from.pull),
      pulled,
    }
    const feed = await pullFeed(order)
    for (const { file, bytes } of feed.fetched) report(`${feed.feed}: ${file}, ${bytes.toLocaleString('en-GB')} bytes`)
    if (feed.fetched.length === 0 && feed.problems.length === 0) report(`${feed.feed}: nothing new`)
    feeds.push(feed)
  }
  return feeds
}

interface FeedOrder {
  readonly contract: Contract
  readonly folder: string
  readonly pattern: RegExp
  readonly source: Source
  readonly pulled: PulledFiles
}

function sourceOf(deployment: Deployment, pull: Pull): Source {
  const at = (path: string): string => resolve(deployment.home, path)
  if ('folder' in pull) return folderSource(at(pull.folder))
  if ('sftp' in pull)
    return sftpSource({ sftp: pull.sftp, keyFile: at(pull.key_file), knownHosts: at(pull.known_hosts) })
  const { token_file: token, ca_file: authority } = pull
  return httpsSource({
    https: pull.https,
    https_list: pull.https_list,
    tokenFile: token === undefined ? null : at(token),
    caFile: authority === undefined ? null : at(authority),
  })
}

async function pullFeed(order: FeedOrder): Promise<PulledFeed> {
  const { contract, folder, pattern, source } = order
  const { feed } = contract
  const fetched: PulledFeed['fetched'][number][] = []
  const problems: string[] = []
  let unchanged = 0
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder).filter((left) => left.startsWith(arriving))) rmSync(join(folder, name))
    const offered = await source.list()
    for (const file of offered.filter(({ name }) => pattern.test(safeName(name).replace(/\.manifest\.json$/, '')))) {
      try {
        const taken = await pullFile(order, file)
        if (taken === null) unchanged++
        else fetched.push(taken)
      } catch (error) {
        problems.push(`${feed}, ${safeName(file.name)}: ${wordsOf(error)}`)
      }
    }
  } catch (error) {
    problems.push(`${feed}: ${wordsOf(error)}`)
  }
  return { feed, fetched, unchanged, problems }
}

/** An expected failure in words; anything else is our bug and goes on. */
function wordsOf(error: unknown): string {
  if (error instanceof DsrError && error.kind === 'input') return `${error.message} ${error.remedy}`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC') return 'The disk is full. Make room, then run dsr pull again.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')
    return 'A file or folder may not be read or written by this user, or is gone. Look at its owner and rights.'
  throw error
}

async function pullFile(order: FeedOrder, file: RemoteFile): Promise<PulledFeed['fetched'][number] | null> {
  const { contract, folder, source, pulled } = order
  const known = pulled.get(contract.feed, file.place)
  if (known !== undefined && file.version === known.version) return null
  if (file.sha256 !== null && file.sha256 === known?.sha256) return null
  const limit = contract.limits.file_bytes
  if ((file.bytes ?? 0) > limit) throw tooLarge(limit)
  const target = join(folder, `${arriving}${randomBytes(8).toString('hex')}`)
  try {
    const version = await source.fetch(file, { folder, target, limit, known: known?.version })
    if (version === null) return null
    requireWhole(file, statSync(target).size)
    const sha256 = await digestFile(target)
    if (file.sha256 !== null && sha256 !== file.sha256) {
      throw new DsrError(
        'input',
        'What came is not what the list says (SHA-256).',
        'Run dsr pull again; then ask the agency.',
      )
    }
    const isNew = sha256 !== known?.sha256
    const name = isNew ? await arrive(order, target, safeName(file.name), sha256) : ''
    const bytes = isNew ? statSync(join(folder, name)).size : 0
    pulled.set(contract.feed, file.place, { version, sha256 })
    return isNew ? { file: name, bytes } : null
  } finally {
    rmSync(target, { force: true })
  }
}

function requireWhole({ bytes }: RemoteFile, came: number): void {
  if (bytes === null || bytes === came) return
  throw new DsrError('input', `${came} bytes came where ${bytes} were promised.`, 'Run dsr pull again.')
}

/** Gives a whole file its name. Another file of the same name that waits is never replaced: both are taken. */
async function arrive({ folder, pattern }: FeedOrder, target: string, name: string, sha256: string): Promise<string> {
  const taken = join(folder, name)
  if (existsSync(taken) && lstatSync(taken).isFile() && (await digestFile(taken)) === sha256) return name
  const free = existsSync(taken) ? name.replace(/(?=\.[^.]*$|$)/, `-${sha256.slice(0, 8)}`) : name
  if (existsSync(join(folder, free)) || !pattern.test(free.replace(/\.manifest\.json$/, ''))) {
    throw new DsrError(
      'input',
      'An earlier file of this name still waits.',
      'Run dsr run, which takes it, then dsr pull again.',
    )
  }
  syncPath(target)
  renameSync(target, join(folder, free))
  syncPath(folder)
  return free
}
