import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Link } from '../../ingest/match/links.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { openAudit } from '../../store/audit.ts'
import { makeKeys, readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { currentVersion } from '../../store/versions.ts'
import { addSamples } from '../ingest/deployment.ts'
import { dsr, type Ended } from './dsr.ts'

// The sample agencies, matched as carefully as can be set, so that the team is asked about five pairs.

let deployment: Deployment

beforeAll(() => {
  deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-links-')))
  mkdirSync(deployment.sources, { recursive: true })
  writeFileSync(deployment.settingsFile, 'made_up: true\nicbs: [QOQ]\nas_of: 2026-11-01\nlink_by_likeness: exact\n')
  makeKeys(deployment)
  addSamples(deployment)
})

const why = ['--by', 'A. Reviewer', '--reason', 'Asked both agencies by telephone.'] as const
const links = (...args: readonly string[]): Ended => dsr(deployment, 'links', ...args)

function succeed(...args: readonly string[]): string {
  const ended = dsr(deployment, ...args)
  expect(ended, ended.err).toMatchObject({ code: 0 })
  return ended.out
}

function listed(): readonly Link[] {
  return JSON.parse(succeed('links', '--json')) as readonly Link[]
}

const open = (): readonly Link[] =>
  listed().filter(({ question, decision }) => question && question.kind !== 'joined' && !decision)

async function people(): Promise<number> {
  const path = versionFiles(currentVersion(deployment) ?? '').register
  const attach = [{ path, alias: 'data', key: readKey(deployment, 'store'), readOnly: true }]
  const database = await openDuckDB({ attach })
  try {
    const rows = await database.connection.runAndReadAll('select count(*)::integer as people from data.persons')
    return Number(rows.getRowObjectsJson()[0]?.['people'])
  } finally {
    database.close()
  }
}

test('before the first run, links says that there is no register', () => {
  expect(links()).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no register yet') as string,
  })
})

test('questions are listed in words, without a value, and decided; the next run counts it', async () => {
  succeed('run')
  const before = await people()
  const asked = open()
  expect(asked).toHaveLength(5)
  const words = succeed('links')
  for (const { id, one, other } of asked)
    expect(words).toMatch(new RegExp(`${id}: .*${one.localId} and .*${other.localId} .*asked since`))
  expect(words).not.toMatch(/999 ?\d{3}|HU2\d|19\d\d-\d\d-\d\d|Bob|Robert/)

  const [first, second] = asked.map(({ id }) => id)
  expect(succeed('links', '--join', String(first), ...why)).toContain(`${first}: recorded. It counts at the next run`)
  succeed('links', '--apart', String(second), ...why)
  expect(succeed('links')).toContain('one person (Asked both agencies by telephone.). It counts at the next run.')
  succeed('run')
  expect(await people()).toBe(before - 1)
  expect(open()).toHaveLength(3)

  succeed('links', '--undo', String(first), ...why)
  expect(listed().find(({ id }) => id === first)?.decision).toMatchObject({ decision: 'undone', by: 'A. Reviewer' })
  expect(succeed('verify')).toContain('The audit is whole')
}, 600_000)

test('each decision is in the audit, with who decided', () => {
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  try {
    const entries = audit.latest(20).filter(({ action }) => action.startsWith('link '))
    expect(entries.map(({ action }) => action.split(' ')[1]).toReversed()).toEqual(['same', 'different', 'undone'])
    expect(new Set(entries.map(({ who }) => who))).toEqual(new Set(['dsr links, A. Reviewer']))
  } finally {
    audit.close()
  }
})

test.each([
  ['an id that is none', ['--join', '0000000000', ...why], 'No question or decision has the id 0000000000'],
  ['nobody who decides', ['--join', '0000000000', '--reason', why[3]], 'Give --by'],
  ['no reason', ['--join', '0000000000', '--by', 'A. Reviewer'], 'Give --reason'],
  ['two decisions', ['--join', '0000000000', '--apart', '0000000000', ...why], 'Give one id'],
  ['a reason for nothing', [...why], 'Give --join, --apart or --undo'],
])('%s is refused in words', (_, args, message) => {
  const ended = links(...args)
  expect(ended.code).toBe(1)
  expect(ended.err).toContain(message)
})
