import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { countsOf, requireKeyInUse, requireNoRotationUnderWay, requireSameCounts } from '../../pipeline/keyRotation.ts'
import { spawnStep } from '../../pipeline/spawnStep.ts'
import type { VersionManifest } from '../../pipeline/run.ts'
import { keyLabels } from '../../pseudonymise/makePseudonyms.ts'
import { openAudit } from '../../store/audit.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { deriveKey, formatKey, keyCheck, keyFile, makeKeys, readGeneration, readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { destroyOldKeys, oldKeys, rotatePseudonymKey } from '../../pipeline/rotateKey.ts'
import { currentRelease, currentVersion } from '../../store/versions.ts'
import { changeRegister, makeRegister, makeStep } from '../pseudonymise/makeRegister.ts'
import { copyDeployment, dsr, filesOf, killRunAt, servedDemo } from './dsr.ts'

function withKeys(): Deployment {
  const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-keys-')))
  makeKeys(deployment)
  return deployment
}

const keyOf = (deployment: Deployment): Buffer => readKey(deployment, 'pseudonym')
const fileOf = (deployment: Deployment): string => readFileSync(keyFile(deployment, 'pseudonym'), 'utf8')

/** As much of a version's manifest as tells which key made it. */
function madeWith(version: number, key: Buffer, steps: VersionManifest['steps'] = {}): VersionManifest {
  const inputs = { rules: '', extracts: [], pseudonymKey: { version, check: keyCheck(key) } }
  return { id: '2026-11-01.1', asOf: '2026-11-01', inputs, steps }
}

describe('a key file', () => {
  test('without more than the key is of version 1; a later one holds its version and the keys that are kept', () => {
    const deployment = withKeys()
    expect(readGeneration(deployment)).toEqual({ version: 1, kept: null })
    const key = Buffer.alloc(32, 5)
    const kept = { version: 1, record: Buffer.alloc(32, 6), audit: Buffer.alloc(32, 7) }
    for (const generation of [
      { version: 12, kept },
      { version: 2, kept: null },
    ]) {
      writeFileSync(keyFile(deployment, 'pseudonym'), formatKey(key, generation))
      expect(keyOf(deployment)).toEqual(key)
      expect(readGeneration(deployment)).toEqual(generation)
    }
  })

  test.each(['version', 'version two', 'version 2\nkept 1 short short', 'version 2\nversion 3', '\nversion 2'])(
    'with %j below the key is refused',
    (lines) => {
      const deployment = withKeys()
      writeFileSync(keyFile(deployment, 'pseudonym'), `${Buffer.alloc(32, 5).toString('base64')}\n${lines}\n`)
      expect(() => readGeneration(deployment)).toThrow(expect.objectContaining({ kind: 'keyWrong' }))
    },
  )
})

describe('rotating', () => {
  test('puts a new key in place and the old one aside for its owner only; what outlives it is always that of the first', () => {
    const deployment = withKeys()
    const first = keyOf(deployment)
    expect(rotatePseudonymKey(deployment, keyLabels, 1)).toBe(2)
    expect(keyOf(deployment)).not.toEqual(first)
    const [old] = oldKeys(deployment)
    expect([old?.version, readFileSync(old?.path ?? '', 'utf8').trim()]).toEqual([1, first.toString('base64')])
    for (const name of readdirSync(deployment.secrets))
      expect(statSync(join(deployment.secrets, name)).mode & 0o777, name).toBe(0o600)
    const kept = { version: 1, record: deriveKey(first, 'record-key'), audit: deriveKey(first, 'audit-ref') }
    expect(readGeneration(deployment)).toEqual({ version: 2, kept })
    expect(rotatePseudonymKey(deployment, keyLabels, 2)).toBe(3)
    expect(readGeneration(deployment)).toEqual({ version: 3, kept })
    expect(oldKeys(deployment).map(({ version }) => version)).toEqual([1, 2])
    // Nothing in the new file tells the old key.
    expect(fileOf(deployment)).not.toContain(first.toString('base64'))
  })

  test('a lost key is followed by one of a higher version than the one served', () => {
    const deployment = withKeys()
    rmSync(keyFile(deployment, 'pseudonym'))
    expect(rotatePseudonymKey(deployment, keyLabels, 4)).toBe(5)
    expect(readGeneration(deployment)).toEqual({ version: 5, kept: null })
  })

  test('the old key goes once a version under the new one is served, and only when that can be recorded', () => {
    const deployment = withKeys()
    rotatePseudonymKey(deployment, keyLabels, 1)
    const never = (): never => {
      throw new Error('recorded')
    }
    expect(destroyOldKeys(deployment, 1, never)).toBe(0)
    expect(() => destroyOldKeys(deployment, 2, never)).toThrow('recorded')
    expect(oldKeys(deployment)).toHaveLength(1)
    const recorded: number[] = []
    expect(destroyOldKeys(deployment, 2, (version) => recorded.push(version))).toBe(1)
    expect([recorded, oldKeys(deployment)]).toEqual([[1], []])
  })

  test('a copy left by a rotation that was killed before it replaced the key goes, and the key stays', () => {
    const deployment = withKeys()
    const before = fileOf(deployment)
    writeFileSync(`${keyFile(deployment, 'pseudonym')}.v1`, before, { mode: 0o600 })
    expect(destroyOldKeys(deployment, 1, () => undefined)).toBe(0)
    expect([oldKeys(deployment), fileOf(deployment)]).toEqual([[], before])
  })
})

describe('a version and its key', () => {
  test('another key of the same version, or an older one put back, stops a run; a newer one is what it is for', () => {
    const deployment = withKeys()
    const first = keyOf(deployment)
    expect(() => requireKeyInUse(deployment, null)).not.toThrow()
    expect(() => requireKeyInUse(deployment, madeWith(1, first))).not.toThrow()
    for (const made of [madeWith(1, Buffer.alloc(32, 9)), madeWith(2, Buffer.alloc(32, 9))])
      expect(() => requireKeyInUse(deployment, made)).toThrow(expect.objectContaining({ kind: 'keyWrong' }))
    rotatePseudonymKey(deployment, keyLabels, 1)
    expect(() => requireKeyInUse(deployment, madeWith(1, first))).not.toThrow()
    // Between the two, nothing is derived from the new key for people under the old one.
    expect(() => requireNoRotationUnderWay(deployment, madeWith(1, first))).toThrow(/Run first|rotated/)
    expect(() => requireNoRotationUnderWay(deployment, madeWith(2, keyOf(deployment)))).not.toThrow()
  })

  test('the same inputs under another key give the same counts, or nothing is served', () => {
    const steps = (people: number, reviews: number): VersionManifest['steps'] => ({
      pseudonymise: { seconds: 1, result: { people, withoutNumber: 1, rows: { people, reviews } } },
    })
    const before = madeWith(1, Buffer.alloc(32), steps(10, 30))
    expect(() => requireSameCounts(before, steps(10, 30))).not.toThrow()
    expect(() => requireSameCounts(before, steps(10, 29))).toThrow('other counts than before: reviews')
    expect(() => requireSameCounts(before, steps(9, 30))).toThrow('everyone, people')
  })
})

/** Command line and environment of each child of this process that is there now. */
function childrenNow(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        if (parent !== String(process.pid)) return []
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1')]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
}

test.runIf(existsSync('/proc/self/environ'))(
  'while a step runs, no key is in its command line or environment',
  async () => {
    const base = makeStep()
    makeKeys(base.deployment)
    rotatePseudonymKey(base.deployment, keyLabels, 1)
    const store = readKey(base.deployment, 'store')
    await makeRegister({ ...base, keys: { store } }, { people: [{ person_id: 'ada', nhs_number: '9990000026' }] })
    writeFileSync(base.deployment.settingsFile, 'icbs: [QOQ]\nmade_up: true\n')
    const seen: string[] = []
    const looking = setInterval(() => seen.push(...childrenNow()), 20)
    const place = { deployment: base.deployment, asOf: base.asOf, versionFolder: base.versionFolder, releaseFolder: '' }
    await spawnStep('pseudonymise', place, (line) => seen.push(line)).finally(() => clearInterval(looking))
    await changeRegister({ ...base, keys: { store } }, async (connection) => {
      const reader = await connection.runAndReadAll('select pseudonym, audit_ref from register.main.pseudonyms')
      expect(reader.getRowsJson()).toEqual([
        [expect.stringMatching(/^p2_[0-9a-f]{32}$/), expect.stringMatching(/^a1_[0-9a-f]{32}$/)],
      ])
    })
    const all = seen.join('\n')
    expect(seen.filter((text) => text.includes('stepProcess.js')).length).toBeGreaterThan(3)
    expect(all).toContain('TZ=Europe/London')
    const { kept } = readGeneration(base.deployment)
    const derived = Object.values(keyLabels).map((label) => deriveKey(keyOf(base.deployment), label))
    for (const key of [store, keyOf(base.deployment), ...derived, kept?.record, kept?.audit])
      for (const form of ['latin1', 'base64', 'hex'] as const) expect(all).not.toContain(key?.toString(form))
  },
)

interface Facts {
  readonly people: number
  readonly prefixes: readonly string[]
  readonly auditRefs: readonly string[]
  readonly recordKeys: readonly number[]
  readonly rows: Readonly<Record<string, unknown>>
  readonly onePseudonym: string
}

async function factsOf(deployment: Deployment): Promise<Facts> {
  const files = versionFiles(currentVersion(deployment) ?? '')
  const database = await openDuckDB({
    attach: [
      { path: files.register, alias: 'register', key: readKey(deployment, 'store'), readOnly: true },
      { path: files.warehouse, alias: 'warehouse', readOnly: true },
    ],
  })
  const read = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
  try {
    const columns = await read(
      `select schema_name || '.' || table_name as name from duckdb_columns()
      where database_name = 'warehouse' and column_name = 'pseudonym' and not internal order by 1`,
    )
    const each = columns.map(
      ({ name }) => `select split_part(pseudonym, '_', 1) as prefix from warehouse.${String(name)}`,
    )
    const prefixes = await read(
      `select distinct prefix from (${each.join(' union all ')}) where prefix is not null order by prefix`,
    )
    const people = await read(
      'select pseudonym, audit_ref, record_key from register.main.pseudonyms join register.main.persons using (person_id) order by person_id',
    )
    const manifest = JSON.parse(readFileSync(files.manifest, 'utf8')) as VersionManifest
    expect(columns.length).toBeGreaterThan(20)
    return {
      people: people.length,
      prefixes: prefixes.map(({ prefix }) => String(prefix)),
      auditRefs: people.map((person) => String(person['audit_ref'])),
      recordKeys: people.map((person) => Number(person['record_key'])),
      rows: countsOf(manifest.steps) ?? {},
      onePseudonym: String(people[0]?.['pseudonym']),
    }
  } finally {
    database.close()
  }
}

describe('dsr keys', () => {
  test('a rotation that is killed half-way is finished by the next run: new pseudonyms, the same counts, the same figures', async () => {
    const deployment = copyDeployment(await servedDemo(120))
    const asked = ['--by', 'Sam Okoro', '--reason', 'Yearly, agreed with the IG lead']
    const ask = (pseudonym: string): ReturnType<typeof dsr> =>
      dsr(deployment, 'reidentify', pseudonym, ...asked, '--role', 'ig_lead', '--purpose', 'RI02')
    expect(dsr(deployment, 'keys', 'rotate', 'store', ...asked).err).toContain('Only the pseudonym key')
    expect(dsr(deployment, 'keys', 'rotate', 'pseudonym').err).toContain('--by')
    const before = await factsOf(deployment)
    const [version, release] = [currentVersion(deployment), currentRelease(deployment)]
    const figures = filesOf(release ?? '')

    const said = await killRunAt(deployment, /made[^]*pseudonymise +started/, ['keys', 'rotate', 'pseudonym', ...asked])
    expect(said).toContain('version 2 of the pseudonym key made')
    expect([currentVersion(deployment), currentRelease(deployment)]).toEqual([version, release])
    expect(await factsOf(deployment)).toEqual(before)
    expect(JSON.parse(dsr(deployment, 'keys', '--json').out)).toMatchObject({ toBeDestroyed: [1] })
    expect(ask(before.onePseudonym)).toMatchObject({ code: 0, out: expect.stringMatching(/^case /) as string })

    const ended = dsr(deployment, 'run')
    expect([ended.code, ended.err, ended.out]).toEqual([
      0,
      '',
      expect.stringContaining('version 1 of the pseudonym key destroyed'),
    ])
    const after = await factsOf(deployment)
    expect(before.prefixes).toEqual(['p1', 'p1x'])
    expect(after.prefixes).toEqual(['p2', 'p2x'])
    const { people, rows, auditRefs, recordKeys } = before
    expect(after).toMatchObject({ people, rows, auditRefs, recordKeys })
    expect(filesOf(currentRelease(deployment) ?? '')).toEqual(figures)
    expect(JSON.parse(dsr(deployment, 'keys', '--json').out)).toMatchObject({ toBeDestroyed: [] })
    expect(ask(before.onePseudonym)).toMatchObject({ code: 1, out: '' })
    expect(ask(after.onePseudonym)).toMatchObject({ code: 0, out: expect.stringMatching(/^case /) as string })

    const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
    const entries = audit.latest(10).toReversed()
    audit.close()
    expect(entries).toMatchObject([
      { who: 'dsr keys, Sam Okoro', action: 'rotate the pseudonym key', note: 'Yearly, agreed with the IG lead' },
      { action: 'reidentify', outcome: 'allowed', subject: before.auditRefs[0] },
      { action: 'key destroyed: pseudonym, version 1', dataVersion: basename(currentVersion(deployment) ?? '') },
      { action: 'reidentify', outcome: 'failed' },
      // The same person: the audit stays readable.
      { action: 'reidentify', outcome: 'allowed', subject: before.auditRefs[0] },
    ])
    expect(dsr(deployment, 'run').out).toContain('nothing new')
  })
})
