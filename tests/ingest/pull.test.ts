import { createHash } from 'node:crypto'
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkContracts } from '../../ingest/check.ts'
import { pullFeeds, type PulledFeed } from '../../ingest/pull/pullFeeds.ts'
import { safeName } from '../../ingest/pull/safeName.ts'
import { readContracts } from '../../ingest/readContracts.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { settingsSchema } from '../../register/settings.ts'
import { startHttps, type HttpsServer } from '../servers/startHttps.ts'
import { startSshd, type SftpServer } from '../servers/startSshd.ts'
import { makeDeployment, smallContract, smallHeading, smallLine, type TestDeployment } from './deployment.ts'

const people = `${smallHeading}\n${smallLine()}\n`
const token = 'made-up-token-of-the-test'

const open: { stop?: () => Promise<void>; remove?: () => void }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.stop?.()
    one.remove?.()
  }
})

function deployment(): TestDeployment {
  const made = makeDeployment()
  open.push(made)
  return made
}

/** The small contract with a way to fetch its files, written as YAML flow. */
function pulling(made: TestDeployment, pull: string, feed = 'small'): void {
  const yaml = smallContract
    .replace('feed: small', `feed: ${feed}`)
    .replace(/^from: .*$/m, `from: { folder: extracts/${feed}, files: '*.csv', pull: ${pull} }`)
  made.contract(feed, yaml)
}

function secret(made: TestDeployment, name: string, content: string | Buffer): string {
  writeFileSync(join(made.deployment.secrets, name), content, { mode: 0o600 })
  return `secrets/${name}`
}

const pullAll = (made: TestDeployment): Promise<readonly PulledFeed[]> =>
  pullFeeds(made.deployment, readContracts(made.deployment), () => undefined)

async function pullOne(made: TestDeployment): Promise<PulledFeed> {
  const [feed] = await pullAll(made)
  if (!feed) throw new Error('no feed was pulled')
  return feed
}

/** What lies in the feed's folder, hidden files too. */
function waiting(made: TestDeployment, feed = 'small'): readonly string[] {
  const folder = join(made.deployment.extracts, feed)
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('a mounted share', () => {
  function withShare(made: TestDeployment): string {
    const share = join(made.deployment.home, 'share')
    mkdirSync(share)
    pulling(made, '{ folder: share }')
    return share
  }

  test('new files come once, owner-only, and are run', async () => {
    const made = deployment()
    const share = withShare(made)
    writeFileSync(join(share, 'people.csv'), people)
    writeFileSync(join(share, 'notes.txt'), 'not ours')
    symlinkSync('/etc/passwd', join(share, 'link.csv'))
    expect(await pullOne(made)).toMatchObject({ fetched: [{ file: 'people.csv', bytes: people.length }], problems: [] })
    expect(waiting(made)).toEqual(['people.csv'])
    expect(statSync(join(made.deployment.extracts, 'small/people.csv')).mode & 0o777).toBe(0o600)
    expect((await made.ingest({ extracts_after_landing: 'delete' })).landed).toHaveLength(1)
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1, problems: [] })
    expect(waiting(made)).toEqual([])
  })

  test('a touched file with the same content is not fetched again', async () => {
    const made = deployment()
    const share = withShare(made)
    writeFileSync(join(share, 'people.csv'), people)
    await pullOne(made)
    rmSync(join(made.deployment.extracts, 'small/people.csv'))
    utimesSync(join(share, 'people.csv'), 1_700_000_000, 1_700_000_000)
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1 })
    expect(waiting(made)).toEqual([])
  })

  test('a changed file never replaces one that waits', async () => {
    const made = deployment()
    const share = withShare(made)
    writeFileSync(join(share, 'people.csv'), people)
    await pullOne(made)
    const changed = `${people}${smallLine({ No: '2', NHS: '9990000026' })}\n`
    writeFileSync(join(share, 'people.csv'), changed)
    expect((await pullOne(made)).fetched).toHaveLength(1)
    expect(waiting(made)).toEqual([`people-${digestOf(changed).slice(0, 8)}.csv`, 'people.csv'])
    expect(readFileSync(join(made.deployment.extracts, 'small/people.csv'), 'utf8')).toBe(people)
  })

  test('one byte over the limit is refused and leaves nothing', async () => {
    const made = deployment()
    const share = withShare(made)
    writeFileSync(join(share, 'people.csv'), people)
    const limited = (bytes: number): void =>
      made.contract(
        'small',
        `${readFileSync(join(made.deployment.sources, 'small.yml'), 'utf8')}\nlimits: { file_bytes: ${bytes} }\n`,
      )
    limited(people.length - 1)
    const { fetched, problems } = await pullOne(made)
    expect(fetched).toEqual([])
    expect(problems.join()).toMatch(/larger than \d+ bytes.*file_bytes/)
    expect(waiting(made)).toEqual([])
    pulling(made, '{ folder: share }')
    limited(people.length)
    expect((await pullOne(made)).fetched).toHaveLength(1)
  })

  test('a source that fails does not stop the others', async () => {
    const made = deployment()
    const share = withShare(made)
    writeFileSync(join(share, 'people.csv'), people)
    pulling(made, '{ folder: not/there }', 'absent')
    const feeds = await pullAll(made)
    expect(feeds.map(({ feed, fetched }) => [feed, fetched.length])).toEqual([
      ['absent', 0],
      ['small', 1],
    ])
    expect(feeds[0]?.problems.join()).toMatch(/is not there/)
  })

  test('what a killed pull left behind goes', async () => {
    const made = deployment()
    const share = withShare(made)
    mkdirSync(join(made.deployment.extracts, 'small'), { recursive: true })
    writeFileSync(join(made.deployment.extracts, 'small/.arriving-0123456789abcdef'), 'half')
    writeFileSync(join(share, 'people.csv'), people)
    await pullOne(made)
    expect(waiting(made)).toEqual(['people.csv'])
  })
})

describe('names from outside', () => {
  test.each([
    ['../../etc/people.csv', 'people.csv'],
    ['/etc/people.csv', 'people.csv'],
    ['..\\people.csv', 'people.csv'],
    ['.hidden.csv', 'hidden.csv'],
    ['people\n.csv', 'people_.csv'],
    ['people\0.csv', 'people_.csv'],
    ['people\u202Evsc.csv', 'people_vsc.csv'],
    ['..', 'file'],
    ['', 'file'],
    [`${'long'.repeat(100)}.csv`, `${'long'.repeat(12)}lo.csv`],
    ['people.csv.manifest.json', 'people.csv.manifest.json'],
    ['Übersicht é.csv', 'Übersicht é.csv'],
  ])('%j becomes %j', (from, to) => {
    expect(safeName(from)).toBe(to)
  })
})

describe('HTTPS', () => {
  async function withServer(
    made: TestDeployment,
    answer: Parameters<typeof startHttps>[0],
    more: (server: HttpsServer) => string = ({ url }) => `https: ${url}/out/people.csv`,
  ): Promise<HttpsServer> {
    const server = await startHttps(answer)
    open.push(server)
    const ca = secret(made, 'ca.pem', readFileSync(server.certificate))
    const file = secret(made, 'small.token', `${token}\n`)
    pulling(made, `{ ${more(server)}, token_file: ${file}, ca_file: ${ca} }`)
    return server
  }

  test('a file comes with our token, and once only while its ETag stays', async () => {
    const made = deployment()
    let version = '"1"'
    const server = await withServer(made, (request, response) => {
      if (request.headers['if-none-match'] === version) response.writeHead(304).end()
      else response.writeHead(200, { etag: version }).end(version === '"1"' ? people : `${people}\n`)
    })
    expect((await pullOne(made)).fetched).toEqual([{ file: 'people.csv', bytes: people.length }])
    expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${token}`)
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1, problems: [] })
    version = '"2"'
    expect((await pullOne(made)).fetched).toHaveLength(1)
  })

  test('without any version the same content is not taken twice', async () => {
    const made = deployment()
    await withServer(made, (_, response) => response.end(people))
    await pullOne(made)
    rmSync(join(made.deployment.extracts, 'small/people.csv'))
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1 })
    expect(waiting(made)).toEqual([])
  })

  test.each([
    ['with a promised length', { 'content-length': '1000000' }],
    ['in chunks', {}],
  ])('a connection that breaks half-way leaves nothing (%s)', async (_, headers) => {
    const made = deployment()
    await withServer(made, (_request, response) => {
      response.writeHead(200, headers)
      response.write(people)
      setTimeout(() => response.destroy(), 100)
    })
    const { fetched, problems } = await pullOne(made)
    expect(fetched).toEqual([])
    expect(problems.join()).toContain('The connection broke before the whole file had come.')
    expect(waiting(made)).toEqual([])
  })

  test('an endless file is cut off at the limit', async () => {
    const made = deployment()
    let sent = 0
    await withServer(made, (_, response) => {
      const chunk = Buffer.alloc(65_536, 'a')
      const more = (): void => {
        while (!response.destroyed && (sent += chunk.length) < 1e9)
          if (!response.write(chunk)) return void response.once('drain', more)
      }
      more()
    })
    const file = join(made.deployment.sources, 'small.yml')
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nlimits: { file_bytes: 100000 }\n`)
    expect((await pullOne(made)).problems.join()).toMatch(/larger than 100000 bytes/)
    expect(waiting(made)).toEqual([])
    expect(sent).toBeLessThan(50_000_000)
  })

  test('another host is not followed and gets no token', async () => {
    const made = deployment()
    const other = await startHttps((_, response) => response.end(people))
    open.push(other)
    await withServer(made, (_, response) => response.writeHead(302, { location: `${other.url}/people.csv` }).end())
    expect((await pullOne(made)).problems.join()).toContain('sends us to another host')
    expect(other.asked).toEqual([])
  })

  test('a redirect within the host is followed', async () => {
    const made = deployment()
    await withServer(made, (request, response) => {
      if (request.url === '/new') response.end(people)
      else response.writeHead(307, { location: '/new' }).end()
    })
    expect((await pullOne(made)).fetched).toEqual([{ file: 'people.csv', bytes: people.length }])
  })

  test('a certificate of an unknown authority is refused before the token is sent', async () => {
    const made = deployment()
    const server = await withServer(made, (_, response) => response.end(people))
    pulling(made, `{ https: ${server.url}/people.csv, token_file: secrets/small.token }`)
    // The switch that turns certificates off for a whole process does not count here.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      expect((await pullOne(made)).problems.join()).toContain('certificate of the server is not to be trusted')
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
    expect(server.asked).toEqual([])
  })

  test('a certificate for another name is refused', async () => {
    const made = deployment()
    const server = await withServer(
      made,
      (_, response) => response.end(people),
      ({ url }) => `https: ${url.replace('localhost', '127.0.0.1')}/people.csv`,
    )
    expect((await pullOne(made)).problems.join()).toContain('certificate of the server is not to be trusted')
    expect(server.asked).toEqual([])
  })

  test.each([
    [401, /does not let us in \(401\)/],
    [404, /no such file \(404\)/],
    [500, /gives no file \(500\)/],
  ])('status %d is said in words, without the token', async (status, words) => {
    const made = deployment()
    await withServer(made, (_, response) => response.writeHead(status).end(token))
    const { problems } = await pullOne(made)
    expect(problems.join()).toMatch(words)
    expect(problems.join()).not.toContain(token)
  })

  test('a list names files with their size and digest, each of which is compared', async () => {
    const made = deployment()
    const files = [
      { url: 'a.csv', size: people.length, sha256: digestOf(people) },
      { url: '/lists/b.csv', name: '../../b.csv', size: people.length + 1 },
      { url: 'c.csv', sha256: digestOf('other') },
      { url: 'd.txt' },
    ]
    await withServer(
      made,
      (request, response) => response.end(request.url === '/lists/files.json' ? JSON.stringify({ files }) : people),
      ({ url }) => `https_list: ${url}/lists/files.json`,
    )
    const { fetched, problems } = await pullOne(made)
    expect(fetched).toEqual([{ file: 'a.csv', bytes: people.length }])
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatch(/b\.csv: \d+ bytes came where \d+ were promised/)
    expect(problems[1]).toMatch(/c\.csv: What came is not what the list says/)
    expect(waiting(made)).toEqual(['a.csv'])
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1 })
  })

  test('a list that names another host is refused', async () => {
    const made = deployment()
    await withServer(
      made,
      (_, response) => response.end(JSON.stringify({ files: [{ url: 'https://elsewhere.invalid/a.csv' }] })),
      ({ url }) => `https_list: ${url}/files.json`,
    )
    expect((await pullOne(made)).problems.join()).toContain('another host')
  })

  test('plain http and a mixture of ways are refused by the contract', () => {
    const made = deployment()
    pulling(made, '{ https: http://127.0.0.1/people.csv }')
    expect(() => readContracts(made.deployment)).toThrow(/https:\/\//)
    pulling(made, '{ https: https://a.invalid/b.csv, https_list: https://a.invalid/c }')
    expect(() => readContracts(made.deployment)).toThrow(/one of https and https_list/)
  })

  test('a server that is not there is said in words', async () => {
    const made = deployment()
    const server = await withServer(made, (_, response) => response.end(people))
    await server.stop()
    open.splice(open.indexOf(server), 1)
    expect((await pullOne(made)).problems.join()).toContain('The server cannot be reached.')
  })
})

describe('secrets', () => {
  test('check says which are missing, open to others or empty', async () => {
    const made = deployment()
    pulling(made, '{ https: https://a.invalid/b.csv, token_file: secrets/a.token, ca_file: secrets/a.pem }')
    writeFileSync(join(made.deployment.secrets, 'a.token'), 'x')
    chmodSync(join(made.deployment.secrets, 'a.token'), 0o644)
    const settings = settingsSchema.parse({ icbs: ['QOQ'] })
    const [found] = await checkContracts(made.deployment, settings)
    expect(found?.problems).toHaveLength(2)
    expect(found?.problems[0]).toMatch(/a\.token can be read by others.*chmod 600/)
    expect(found?.problems[1]).toMatch(/a\.pem is missing/)
  })

  test('the verb fetches, prints JSON, and ends with 1 for what failed', async () => {
    const made = deployment()
    writeFileSync(made.deployment.settingsFile, 'icbs: [QOQ]\n')
    mkdirSync(join(made.deployment.home, 'share'))
    writeFileSync(join(made.deployment.home, 'share/people.csv'), people)
    pulling(made, '{ folder: share }')
    pulling(made, '{ folder: not/there }', 'absent')
    const dsr = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [
          join(projectRoot, 'dist/pipeline/dsr.js'),
          'pull',
          ...args,
          '--home',
          made.deployment.home,
        ])
        let out = ''
        let err = ''
        child.stdout.on('data', (text: Buffer) => (out += text.toString()))
        child.stderr.on('data', (text: Buffer) => (err += text.toString()))
        child.on('close', (code) => resolve({ code, out, err }))
      })
    const all = await dsr('--json')
    expect(all.code).toBe(1)
    expect(all.err).toMatch(/^absent: .*is not there/)
    expect((JSON.parse(all.out) as PulledFeed[]).find(({ feed }) => feed === 'small')?.fetched).toHaveLength(1)
    expect(await dsr('small')).toMatchObject({ code: 0, out: 'small: nothing new\n' })
    expect(await dsr('smal')).toMatchObject({ code: 1, err: expect.stringContaining('the nearest is small') as string })
  })
})

describe('SFTP', () => {
  async function withServer(made: TestDeployment, forced?: string): Promise<SftpServer> {
    const server = await startSshd(forced)
    open.push(server)
    secret(made, 'small.key', readFileSync(server.key))
    secret(made, 'known_hosts', readFileSync(server.knownHosts))
    pulling(made, `{ sftp: '${server.url}', key_file: secrets/small.key, known_hosts: secrets/known_hosts }`)
    return server
  }

  test('new files come once, whatever their names', async () => {
    const made = deployment()
    const server = await withServer(made)
    writeFileSync(join(server.files, 'people of today.csv'), people)
    writeFileSync(join(server.files, 'notes.txt'), 'not ours')
    writeFileSync(join(server.files, 'a*"b.csv'), people)
    mkdirSync(join(server.files, 'folder.csv'))
    const { fetched, problems } = await pullOne(made)
    expect(fetched).toEqual([{ file: 'people of today.csv', bytes: people.length }])
    expect(problems.join()).toContain('characters that are not taken')
    expect(readFileSync(join(made.deployment.extracts, 'small/people of today.csv'), 'utf8')).toBe(people)
    expect(statSync(join(made.deployment.extracts, 'small/people of today.csv')).mode & 0o077).toBe(0)
    rmSync(join(made.deployment.extracts, 'small/people of today.csv'))
    expect(await pullOne(made)).toMatchObject({ fetched: [], unchanged: 1 })
  })

  test('a server that dies half-way leaves nothing, and the next pull takes the file', async () => {
    const made = deployment()
    const server = await withServer(made)
    // Sparse: the listing is quick, the transfer long enough to be cut.
    execFileSync('truncate', ['-s', '3G', join(server.files, 'large.csv')])
    const pulling = pullOne(made)
    const folder = join(made.deployment.extracts, 'small')
    await expect
      .poll(() => waiting(made).map((name) => statSync(join(folder, name)).size > 0), { timeout: 20_000 })
      .toEqual([true])
    await server.stop()
    open.splice(open.indexOf(server), 1)
    const { fetched, problems } = await pulling
    expect(fetched).toEqual([])
    expect(problems.join()).toContain('The connection broke before the whole file had come.')
    expect(waiting(made)).toEqual([])
    const again = await withServer(made)
    writeFileSync(join(again.files, 'large.csv'), people)
    expect((await pullOne(made)).fetched).toEqual([{ file: 'large.csv', bytes: people.length }])
  })

  test('a server with another key is refused', async () => {
    const made = deployment()
    const server = await withServer(made)
    const other = await startSshd()
    open.push(other)
    const [place = ''] = readFileSync(server.knownHosts, 'utf8').split(' ')
    const [, ...key] = readFileSync(other.knownHosts, 'utf8').split(' ')
    secret(made, 'known_hosts', [place, ...key].join(' '))
    expect((await pullOne(made)).problems.join()).toContain('another key than known_hosts says')
  })

  test('a key that the server does not know is refused in words', async () => {
    const made = deployment()
    await withServer(made)
    const other = await startSshd()
    open.push(other)
    secret(made, 'small.key', readFileSync(other.key))
    expect((await pullOne(made)).problems.join()).toContain('The server does not let us in.')
  })

  test.each([
    ['small.key', /secrets\/small\.key is missing/],
    ['known_hosts', /secrets\/known_hosts is missing/],
  ])('a missing %s is named', async (name, words) => {
    const made = deployment()
    await withServer(made)
    rmSync(join(made.deployment.secrets, name))
    expect((await pullOne(made)).problems.join()).toMatch(words)
  })

  test('a folder that is not there and a server that is not there are told apart', async () => {
    const made = deployment()
    const server = await withServer(made)
    rmSync(server.files, { recursive: true })
    expect((await pullOne(made)).problems.join()).toContain('no such folder or file')
    await server.stop()
    open.splice(open.indexOf(server), 1)
    expect((await pullOne(made)).problems.join()).toContain('The server cannot be reached.')
  })

  test('a file over the limit is not begun', async () => {
    const made = deployment()
    const server = await withServer(made)
    execFileSync('truncate', ['-s', '9G', join(server.files, 'large.csv')])
    expect((await pullOne(made)).problems.join()).toMatch(/larger than 8000000000 bytes/)
    expect(waiting(made)).toEqual([])
  })
})
