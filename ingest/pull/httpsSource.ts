import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { z } from 'zod'
import { DsrError } from '../../register/errors.ts'
import { readSecret, secretProblem } from '../secretFile.ts'
import { brokenOff, type RemoteFile, type Source } from './source.ts'
import { writeLimited } from './writeLimited.ts'

/** Milliseconds of silence after which a server is given up. */
const patience = 60_000
const mostRedirects = 3
const mostOfList = 5_000_000

export interface HttpsPlace {
  readonly https?: string | readonly string[] | undefined
  readonly https_list?: string | undefined
  /** Full paths. */
  readonly tokenFile: string | null
  readonly caFile: string | null
  readonly patience?: number
}

const listing = z.object({
  files: z
    .array(
      z.object({
        url: z.string().min(1).max(4000),
        name: z.string().min(1).max(1000).optional(),
        size: z.int().min(0).optional(),
        sha256: z
          .string()
          .regex(/^[0-9a-fA-F]{64}$/)
          .optional(),
      }),
    )
    .max(10_000),
})

/**
 * Files at addresses of a web server, or those of a list that it offers. Only HTTPS with a checked certificate; another
 * host is never followed to, so that the token goes nowhere else. What has not changed (ETag, Last-Modified) is not sent.
 */
export function httpsSource(place: HttpsPlace): Source {
  return {
    async list() {
      if (place.https_list !== undefined) return await readList(place, place.https_list)
      return [place.https ?? []].flat().map((url) => fileAt(url))
    },
    async fetch(file, { target, limit, known }) {
      const response = await get(place, new URL(file.place), conditions(known))
      if (response.statusCode === 304) {
        response.resume()
        return null
      }
      requirePlain(response)
      const bytes = await writeLimited(response, target, limit).catch((error: unknown) => {
        throw error instanceof DsrError || isOurs(error) ? error : brokenOff()
      })
      const promised = response.headers['content-length']
      if (promised !== undefined && Number(promised) !== bytes) throw brokenOff()
      return versionOf(response)
    },
  }
}

/** A full disk or a folder that may not be written is said as what it is. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && ['open', 'write'].includes(String(error.syscall))
}

function fileAt(url: string): RemoteFile {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  return { name: decode(last), place: url, version: null, bytes: null, sha256: null }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function readList(place: HttpsPlace, address: string): Promise<readonly RemoteFile[]> {
  const response = await get(place, new URL(address), {})
  requirePlain(response)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > mostOfList) throw unreadList()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof DsrError ? error : brokenOff()
  }
  const parsed = listing.safeParse(jsonOf(Buffer.concat(chunks).toString('utf8')))
  if (!parsed.success) throw unreadList()
  return parsed.data.files.map(({ url, name, size, sha256 }) => {
    if (!URL.canParse(url, address)) throw unreadList()
    const found = new URL(url, address)
    if (found.origin !== new URL(address).origin) throw elsewhere()
    const file = fileAt(found.href)
    return { ...file, name: name ?? file.name, bytes: size ?? null, sha256: sha256?.toLowerCase() ?? null }
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function unreadList(): DsrError {
  return new DsrError(
    'input',
    'The list of files is not understood.',
    'It has to be JSON like {"files": [{"url": "people.csv", "size": 120, "sha256": "…"}]}; correct from.pull.https_list.',
  )
}

/** What the server said of the file's version; '' where it says nothing, and then it is sent each time. */
function versionOf({ headers }: IncomingMessage): string {
  if (headers.etag !== undefined) return `etag ${headers.etag}`
  return headers['last-modified'] === undefined ? '' : `modified ${headers['last-modified']}`
}

function conditions(known: string | undefined): Record<string, string> {
  const [, kind, value = ''] = /^(etag|modified) ([\x20-\x7e]+)$/.exec(known ?? '') ?? []
  if (kind === undefined) return {}
  return kind === 'etag' ? { 'if-none-match': value } : { 'if-modified-since': value }
}

/** The answer to a request, its body still to be read; redirects within the host are followed. */
async function get(
  place: HttpsPlace,
  url: URL,
  more: Record<string, string>,
  redirects = mostRedirects,
): Promise<IncomingMessage> {
  const response = await ask(place, url, more)
  const status = response.statusCode ?? 0
  if (status === 200 || status === 304) return response
  response.resume()
  const target = response.headers.location
  if ([301, 302, 303, 307, 308].includes(status) && target !== undefined && URL.canParse(target, url)) {
    const next = new URL(target, url)
    if (next.origin !== url.origin) throw elsewhere()
    if (redirects === 0) throw refusal(0)
    return await get(place, next, more, redirects - 1)
  }
  throw refusal(status)
}

function elsewhere(): DsrError {
  return new DsrError(
    'input',
    'The server sends us to another host, which is not followed.',
    'Ask the agency for the address at which the file itself is, and write that into the contract.',
  )
}

function refusal(status: number): DsrError {
  if (status === 401 || status === 403) {
    return new DsrError(
      'input',
      `The server does not let us in (${status}).`,
      'Ask the agency for a new token and put it into the token_file of the contract.',
    )
  }
  if (status === 404 || status === 410) {
    return new DsrError('input', `The server has no such file (${status}).`, 'Correct the address in the contract.')
  }
  return new DsrError('input', `The server gives no file (${status}).`, 'Try again later; then ask the agency.')
}

function ask(place: HttpsPlace, url: URL, more: Record<string, string>): Promise<IncomingMessage> {
  const token = place.tokenFile === null ? null : tokenOf(place.tokenFile)
  const authority = place.caFile === null ? {} : { ca: authorityIn(place.caFile) }
  const headers = { ...more, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'dsr' }
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        ...authority,
        // Said outright, so that no variable of the environment can switch it off.
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        agent: false,
        timeout: place.patience ?? patience,
        headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` },
      },
      resolve,
    )
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
    asked.on('error', (error) => reject(unreached(error)))
    asked.end()
  })
}

function authorityIn(file: string): Buffer {
  const problem = secretProblem(file, false)
  if (problem) throw problem
  return readFileSync(file)
}

function tokenOf(file: string): string {
  const token = readSecret(file)
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new DsrError(
    'input',
    `${file} is not a token: it holds spaces or several lines.`,
    'Put the token alone into it.',
  )
}

function requirePlain(response: IncomingMessage): void {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity' && response.statusCode === 200) return
  response.resume()
  throw new DsrError('input', 'The server sends the file packed, although it was asked not to.', 'Ask the agency.')
}

function unreached(error: Error): DsrError {
  const code = 'code' in error ? String(error.code) : ''
  if (/CERT|SSL|TLS|ALTNAME|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return new DsrError(
      'input',
      'The certificate of the server is not to be trusted.',
      'Check the address. Where the agency has an authority of its own, name its certificate as ca_file in the contract.',
    )
  }
  return new DsrError(
    'input',
    'The server cannot be reached.',
    'Check the address in the contract, and that the network lets us through to it.',
  )
}
