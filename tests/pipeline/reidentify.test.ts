import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { reidentify } from '../../pipeline/verbs/reidentify.ts'
import { makePseudonyms } from '../../pseudonymise/makePseudonyms.ts'
import { describeFailure } from '../../register/errors.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { openAudit, verifyAudit, type RecordedEntry } from '../../store/audit.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { firstGeneration, makeKeys, readKey } from '../../store/keys.ts'
import { sealCase } from '../../store/seals.ts'
import { changeRegister, makeRegister, makeStep, type Row } from '../pseudonymise/makeRegister.ts'

/** Invented people; Cy is known to an inpatient feed only. */
const people: readonly Row[] = [
  { person_id: 'ada', nhs_number: '9990000026', given_name: 'Ada', family_name: 'Winterbourne' },
  { person_id: 'ben', nhs_number: null },
]
const stay = {
  person_id: 'cy',
  nhs_number: '9990000042',
  admitted: '2026-03-01',
  feed: 'inpatient',
  feed_agency: 'A01',
}

let template: Deployment
let pseudonyms: Readonly<Record<string, string>>
let deployment: Deployment

beforeAll(async () => {
  const base = makeStep()
  template = base.deployment
  makeKeys(template)
  const keys = { store: readKey(template, 'store'), pseudonym: readKey(template, 'pseudonym') }
  const step = { ...base, keys }
  await makeRegister(step, { people, statutoryAdmissions: [stay] })
  await changeRegister(step, async (connection) => {
    await makePseudonyms(connection, keys.pseudonym, firstGeneration)
    const reader = await connection.runAndReadAll('select person_id, pseudonym from register.main.pseudonyms')
    pseudonyms = Object.fromEntries(reader.getRowsJson().map(([person, pseudonym]) => [person, pseudonym]))
  })
  renameSync(step.versionFolder, join(template.versions, '2026-11-01.1'))
  writeFileSync(template.currentPointer, '2026-11-01.1\n')
  writeFileSync(template.settingsFile, 'icbs: [QOQ]\nmade_up: true\nreidentify_per_day: 3\n')
})

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'dsr-reidentify-'))
  cpSync(template.home, home, { recursive: true })
  deployment = deploymentAt(home)
})

const asked = {
  by: 'Sam Okoro',
  role: 'dsr_team',
  purpose: 'RI01',
  reason: 'Seen twice at the emergency department tonight',
}

interface Answer {
  readonly out: string
  /** What the person reads where there is no answer. */
  readonly err: string
  readonly exitCode: number
}

/** Calls the verb in this process, with an argument for each pseudonym. */
async function ask(values: Record<string, string>, ...positionals: string[]): Promise<Answer> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  const complain = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    await reidentify.perform({ deployment, values, positionals })
    return { out, err: '', exitCode: 0 }
  } catch (error) {
    const { text, exitCode } = describeFailure(error)
    return { out, err: text, exitCode }
  } finally {
    write.mockRestore()
    complain.mockRestore()
  }
}

function entries(): readonly RecordedEntry[] {
  const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
  try {
    return audit.latest(20)
  } finally {
    audit.close()
  }
}

const ada = (): string => pseudonyms['ada'] ?? ''

describe('dsr reidentify', () => {
  test('says the case, and nothing of the person; the entry has who, role, purpose, reason and whom', async () => {
    const answer = await ask(asked, ada())
    expect(answer).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^case caseada22222\n[^]*\/cases\/caseada22222\n$/),
    })
    expect(answer.out).not.toMatch(/Ada|Winterbourne|9990000026|p1_/)
    expect(entries()).toMatchObject([
      {
        who: expect.stringMatching(/^dsr reidentify, Sam Okoro \(user .+\)$/) as string,
        role: 'dsr_team',
        action: 'reidentify',
        subject: expect.stringMatching(/^a1_[0-9a-f]{32}$/) as string,
        outcome: 'allowed',
        dataVersion: '2026-11-01.1',
        reason: 'RI01',
        note: asked.reason,
      },
    ])
    expect(JSON.stringify(entries())).not.toContain(ada())
    expect(await verifyAudit(deployment.auditDatabase, readKey(deployment, 'audit'))).toEqual({
      kind: 'ok',
      entries: 1,
    })
  })

  test('takes the pseudonym from standard input, where it leaves no trace, and shows that it is an offence', () => {
    const options = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, value])
    const program = join(projectRoot, 'dist/pipeline/dsr.js')
    const ended = spawnSync(process.execPath, [program, 'reidentify', ...options, '--home', deployment.home], {
      encoding: 'utf8',
      input: `${pseudonyms['ben']}\n`,
    })
    expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining('case caseben22222')])
    expect(ended.stderr).toMatch(/offence \(Data Protection\s+Act 2018, section 171\)/)
  })

  test.each([
    ['without a name', { ...asked, by: '' }, /--by/],
    ['without a reason', { ...asked, reason: '' }, /--reason/],
    ['with a reason of one word', { ...asked, reason: 'because' }, /--reason/],
    ['with a number in the reason that may be somebody’s', { ...asked, reason: 'Asked for 999 000 0026' }, /--reason/],
    ['without a purpose', { ...asked, purpose: '' }, /RI01 {2}The person is at risk/],
    ['with a purpose that is not in the list', { ...asked, purpose: 'curious' }, /RI04/],
    ['without a role', { ...asked, role: '' }, /dsr_team, ig_lead/],
    ['in a role that may not', { ...asked, role: 'commissioner' }, /This role may not/],
  ])('is refused %s, and the refusal is recorded', async (_, values, remedy) => {
    const answer = await ask(values, ada())
    expect(answer).toEqual({ out: '', exitCode: 1, err: expect.stringMatching(remedy) })
    expect(entries()).toMatchObject([{ action: 'reidentify', outcome: 'denied', subject: null }])
    expect(JSON.stringify(entries())).not.toMatch(/curious|commissioner|999 000/)
  })

  test('a deployment says itself which roles may', async () => {
    writeFileSync(deployment.settingsFile, 'icbs: [QOQ]\nreidentify_roles: [ig_lead]\n')
    expect(await ask(asked, ada())).toMatchObject({ out: '', exitCode: 1 })
    expect(await ask({ ...asked, role: 'ig_lead' }, ada())).toMatchObject({ exitCode: 0 })
  })

  test('two at once, and what is no pseudonym, are refused', async () => {
    expect(await ask(asked, ada(), pseudonyms['ben'] ?? '')).toMatchObject({
      out: '',
      err: expect.stringContaining('one at a time') as string,
    })
    expect(await ask(asked, '9990000026')).toMatchObject({
      out: '',
      err: expect.stringContaining('not a pseudonym') as string,
    })
    expect(entries().map(({ outcome }) => outcome)).toEqual(['denied', 'denied'])
  })

  test('an unknown pseudonym, one of an older key, a person without a case and a sealed case have no answer', async () => {
    await sealCase(deployment, 'caseada22222', 0)
    const sealed = await ask(asked, ada())
    const unknown = await ask(asked, `p1_${'0'.repeat(32)}`)
    const statutory = await ask(asked, pseudonyms['cy'] ?? '')
    expect([sealed.out, unknown.out, statutory.out]).toEqual(['', '', ''])
    expect(unknown.err).toMatch(/^Nobody on the register has this pseudonym/)
    expect(sealed.err).toBe(unknown.err)
    expect(statutory.err).toMatch(/inpatient feed/)
    expect(entries().map(({ outcome, subject }) => [outcome, subject === null])).toEqual([
      ['failed', false],
      ['failed', true],
      ['failed', true],
    ])
  })

  test('after as many as the setting allows there is no more, found or not, until a day later', async () => {
    await ask({ ...asked, reason: '' }, ada())
    await ask(asked, `p1_${'0'.repeat(32)}`)
    expect(await ask(asked, ada())).toMatchObject({ exitCode: 0 })
    expect(await ask(asked, ada())).toMatchObject({ exitCode: 0 })
    for (const pseudonym of [ada(), `p1_${'0'.repeat(32)}`])
      expect(await ask(asked, pseudonym)).toMatchObject({
        out: '',
        err: expect.stringMatching(/^3 pseudonyms have been looked up/) as string,
      })
    expect(entries().map(({ outcome }) => outcome)).toEqual('denied denied allowed allowed failed denied'.split(' '))
    vi.useFakeTimers({ now: Date.now() + 25 * 60 * 60 * 1000, toFake: ['Date'] })
    try {
      expect(await ask(asked, ada())).toMatchObject({ exitCode: 0 })
    } finally {
      vi.useRealTimers()
    }
  })

  test('without an audit that can be written there is no answer', async () => {
    expect(await ask(asked, ada())).toMatchObject({ exitCode: 0 })
    chmodSync(deployment.auditDatabase, 0o400)
    const readOnly = await ask(asked, ada())
    expect([readOnly.out, readOnly.exitCode]).toEqual(['', 6])
    rmSync(deployment.auditDatabase)
    for (const more of ['-wal', '-shm']) rmSync(`${deployment.auditDatabase}${more}`, { force: true })
    writeFileSync(deployment.auditDatabase, 'not a database')
    const damaged = await ask(asked, ada())
    expect([damaged.out, damaged.exitCode]).toEqual(['', 6])
  })
})
