import { createHmac } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { makeExtract, type ExtractReport } from '../../pseudonymise/extract/makeExtract.ts'
import type { RungTable } from '../../pseudonymise/extract/groupSizes.ts'
import { checkExtractFile } from '../../pseudonymise/extract/writeExtractFile.ts'
import { pseudonymise, type PseudonymiseReport } from '../../pseudonymise/pseudonymise.ts'
import { describeFailure } from '../../register/errors.ts'
import { parseCsv } from '../../register/readCodes.ts'
import { openAudit } from '../../store/audit.ts'
import { versionFiles, type Deployment } from '../../store/deployment.ts'
import { deriveKey, makeKeys, readKey } from '../../store/keys.ts'
import type { Step } from '../../store/step.ts'
import { removeOtherVersions } from '../../store/versions.ts'
import { dsr } from '../pipeline/dsr.ts'
import { changeRegister, makeRegister, makeStep, type Row } from './makeRegister.ts'

// Eight invented people. Six may be in an extract; of Gus nobody recorded whether he opted out; Hal did, by one agency.
//                  born          ethnic sex  lives in                          kind of home   stay           km
const lives = [
  ['ada', '9990000026', '2004-05-01', 'A', '2', { lsoa21: 'E01007317' }, 'CH03', '2026-01-05', 0],
  ['bea', '9990000034', '1998-05-01', 'A', '2', { lsoa21: 'E01007317' }, 'MA02', '2026-02-11', 10],
  ['cat', '9990000042', '1997-05-01', 'B', '2', { residence_utla_gss: 'E06000010' }, 'CH03', '2026-03-30', 19],
  ['dan', '9990000050', '1980-05-01', 'A', '1', { residence_utla_gss: 'E06000010' }, 'MA02', '2026-04-01', 20],
  ['eli', '9990000069', '1979-05-01', 'B', '1', { residence_utla_gss: 'E06000014' }, 'CH03', '2026-05-02', 80],
  ['fin', null, '1974-05-01', 'C', '1', { residence_utla_gss: 'E06000014' }, 'MA02', '2026-06-03', 95],
] as const

const six: readonly Row[] = lives.map(([person_id, nhs_number, date_of_birth, ethnic_code, sex_code, home, kind]) => ({
  person_id,
  nhs_number,
  date_of_birth,
  ethnic_code,
  sex_code,
  ...home,
  accommodation_code: kind,
  national_data_opt_out: false,
  given_name: 'Ada',
  family_name: 'Winterbourne',
  postcode: 'ZZ1 4QQ',
}))
const gus: Row = { person_id: 'gus', nhs_number: '9990000077', sex_code: '9', national_data_opt_out: null }
const hal: Row = { person_id: 'hal', nhs_number: '9990000085', sex_code: '1', national_data_opt_out: false }

const admissions = lives.map(([person_id, , , , , , , admitted, distance_km]) => ({ person_id, admitted, distance_km }))
const ratings = ['ada', 'bea', 'cat', 'dan', 'eli', 'fin', 'gus', 'hal'].flatMap((person_id) => [
  { person_id, rating: 'red', effective_from: '2026-01-05' },
  ...(person_id === 'ada' ? [{ person_id, rating: 'blue', effective_from: '2026-03-05' }] : []),
])

const agreement = {
  title: 'A made-up study',
  recipient: 'University of Northmoor (made up)',
  purpose: 'To find out which homes people leave hospital for.',
  agreement: 'DSA-2026-01',
  valid_until: '2027-03-31',
  licence: 'For the named researchers only. Not to be passed on.',
}

type Keyed = Step<'store' | 'pseudonym'>
const lines: string[] = []
let step: Keyed
let report: PseudonymiseReport

beforeAll(async () => {
  const made = makeStep(lines)
  // Groups of three, so that few people are enough to see what happens.
  step = { ...made, settings: { ...made.settings, extract_min_group: 3 } }
  await makeRegister(step, { people: [...six, gus, hal], rows: { admissions, ratings } })
  await changeRegister(step, async (connection) => {
    await connection.run(
      `insert into register.main.agency_records (person_id, national_data_opt_out) values ('hal', true)`,
    )
  })
  report = await pseudonymise(step)
})

interface Made {
  readonly report: ExtractReport
  readonly folder: string
  /** Heading and rows of a file, without the pseudonyms and so in a fixed order. */
  readonly rows: (table: string) => readonly string[]
  readonly pseudonyms: (table: string) => readonly string[]
}

let extracts = 0

async function extracted(project: Record<string, unknown>, name = 'homes', limit = 3): Promise<Made> {
  mkdirSync(step.deployment.projects, { recursive: true })
  writeFileSync(join(step.deployment.projects, `${name}.yml`), stringify({ ...agreement, ...project }))
  const folder = join(step.deployment.home, 'out', String(++extracts))
  lines.splice(0)
  const report = await makeExtract({ ...step, settings: { ...step.settings, extract_min_group: limit } }, name, folder)
  const cells = (table: string): string[][] => parseCsv(readFileSync(join(folder, `${table}.csv`), 'utf8'))
  return {
    report,
    folder,
    rows: (table) => {
      const [header = '', ...rows] = cells(table).map((row) => row.slice(1).join(' '))
      return [header, ...rows.sort()]
    },
    pseudonyms: (table) =>
      cells(table)
        .slice(1)
        .map(([pseudonym = '']) => pseudonym),
  }
}

async function refusal(project: Record<string, unknown>, limit?: number): Promise<string> {
  const error = await extracted(project, 'homes', limit).catch((thrown: unknown) => thrown)
  const { exitCode, text } = describeFailure(error)
  expect(exitCode).toBe(1)
  expect(existsSync(join(step.deployment.home, 'out', String(extracts)))).toBe(false)
  return text
}

const three = (text: string): string[] => [text, text, text]
const people = { people: ['age_band', 'sex_code', 'ethnic_code'] }

describe('the ladder', () => {
  test('is climbed only as far as three people share each combination', async () => {
    const ladder = [
      { column: 'people.age_band', to: 'wide' },
      { column: 'people.ethnic_code', to: 'group' },
      { column: 'people.sex_code', to: 'drop' },
    ]
    const { report, rows } = await extracted({ tables: people, ladder })
    // The third step was not needed: sex is still there.
    expect(rows('people')).toEqual([
      'sex_code ethnic_code_group age_band_wide',
      ...three('1 White or White British 35-54'),
      ...three('2 White or White British 18-34'),
    ])
    expect(lines).toEqual([
      '8 people on the register, 1 left out because they opted out, 1 left out because no agency says whether they did: 6 remain',
      'step 0 of 3: 6 people in groups under 3',
      'step 1 of 3: 6 people in groups under 3',
      'step 2 of 3: 0 people in groups under 3',
    ])
    expect(report).toMatchObject({ rung: 2, rungs: 3, minGroup: 3, leftOut: { people: 0, rows: {} } })
    expect(report.columns.map(({ column, coarser, rows: changed }) => [column, coarser, changed])).toEqual([
      ['sex_code', null, 0],
      ['ethnic_code', 'group', 6],
      ['age_band', 'wide', 6],
    ])
  })

  test('a day becomes month, then quarter, until three people of one sex share it', async () => {
    const ladder = ['month', 'quarter', 'year'].map((to) => ({ column: 'admissions.admitted', to }))
    const { report, rows } = await extracted({ tables: { people: ['sex_code'], admissions: ['admitted'] }, ladder })
    expect(report.rung).toBe(2)
    expect(rows('admissions')).toEqual(['admitted_quarter', ...three('2026-Q1'), ...three('2026-Q2')])
  })

  test('a council becomes its ICB, and that its region', async () => {
    const home = 'people.residence_utla_gss'
    const tables = { people: ['residence_utla_gss'] }
    // Barnsley by small area is South Yorkshire; Hull and York lie in one ICB each, in the region of all three.
    const byIcb = await extracted({ tables, always: [{ column: home, to: 'icb' }] }, 'homes', 2)
    const icbs = ['QF7', 'QF7', 'QOQ', 'QOQ', 'QOQ', 'QOQ']
    expect(byIcb.rows('people')).toEqual(['residence_utla_gss_icb', ...icbs])
    const ladder = [
      { column: home, to: 'icb' },
      { column: home, to: 'region' },
    ]
    expect((await extracted({ tables, ladder })).rows('people')).toEqual([
      'residence_utla_gss_region',
      ...three('Y63'),
      ...three('Y63'),
    ])
  })

  test('codes become groups of our own and kilometres bands', async () => {
    const always = [
      { column: 'people.accommodation_code', groups: { family: ['MA02'] } },
      { column: 'admissions.distance_km', bands: [20, 90] },
    ]
    const tables = { people: ['accommodation_code'], admissions: ['distance_km'] }
    const reached = { tables, always, ladder: [{ column: 'admissions.distance_km', to: 'drop' }] }
    const { report, rows } = await extracted(reached)
    expect(report.rung).toBe(1)
    expect(rows('people')).toEqual(['accommodation_code_group', ...three('family'), ...three('other')])
    const far = await extracted({ tables: { admissions: ['distance_km'] }, always: always.slice(1) }, 'homes', 1)
    expect(far.rows('admissions')).toEqual(['distance_km_band', '20-89', '20-89', '90+', ...three('under 20')])
  })
})

describe('the limit', () => {
  test('an extract that cannot reach it is refused, and says how many are in the way', async () => {
    const ladder = [{ column: 'people.age_band', to: 'wide' }]
    expect(await refusal({ tables: people, ladder }, 5)).toBe(
      [
        'Project homes cannot be extracted: after its last step not every combination is shared by 5 people.',
        'people: 6 of 6 are in groups under 5',
        'Add steps to its ladder, take columns out, or allow more to be left out (leave_out_up_to, now 0, at most 0.2).',
      ].join('\n'),
    )
    expect(await refusal({ tables: people }, 7)).toContain('6 people may be in this extract, fewer than the 7')
  })

  test('a project may ask for larger groups than the setting, and not for smaller', async () => {
    expect(await refusal({ tables: { people: ['sex_code'] }, min_group: 4 })).toContain('shared by 4 people')
    expect(await refusal({ tables: { people: ['sex_code'] }, min_group: 3 }, 4)).toContain('shared by 4 people')
  })

  test('as a last resort whole groups are left out with all their rows, up to the share allowed', async () => {
    const tables = { people: ['sex_code'], ratings: ['rating'] }
    // Gus alone has his sex recorded as indeterminate.
    const project = { tables, opt_out_not_recorded: 'keep' }
    expect(await refusal({ ...project, leave_out_up_to: 0.1 })).toContain('people: 1 of 7 are in groups under 3')
    const { report, rows } = await extracted({ ...project, leave_out_up_to: 0.15 })
    expect(report).toMatchObject({ leftOut: { people: 1, rows: { ratings: 0 } }, people: { chosen: 7, inExtract: 6 } })
    expect(rows('people')).toEqual(['sex_code', ...three('1'), ...three('2')])
    expect(rows('ratings')).toEqual(['rating', 'blue', ...three('red'), ...three('red')])
  })

  test('a row that too few share is left out although its people are many', async () => {
    const tables = { people: ['sex_code'], ratings: ['effective_from', 'rating'] }
    const { report, rows } = await extracted({ tables, leave_out_up_to: 0.15 })
    expect(report.leftOut).toEqual({ people: 0, rows: { ratings: 1 } })
    expect(rows('ratings')).toEqual(['rating effective_from', ...three('red 2026-01-05'), ...three('red 2026-01-05')])
  })

  test('a day of which somebody says why nobody outside knows it makes no group, and the reason is handed on', async () => {
    const reason = 'Ratings are known to the team only and told to nobody.'
    const tables = { people: ['sex_code'], ratings: ['effective_from', 'rating'] }
    const { folder, rows } = await extracted({ tables, not_known_outside: { 'ratings.effective_from': reason } })
    expect(rows('ratings')).toContain('blue 2026-03-05')
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(reason)
  })
})

describe('people', () => {
  /** As node:crypto makes it, from the pseudonym of the store. */
  async function pseudonymOf(person: string, project: string): Promise<string> {
    let stored = ''
    await changeRegister(step, async (connection) => {
      const sql = 'select pseudonym from register.main.pseudonyms where person_id = $person'
      stored = String((await connection.runAndReadAll(sql, { person })).getRowObjectsJson()[0]?.['pseudonym'])
    })
    const hmac = createHmac('sha256', deriveKey(step.keys.pseudonym, `extract/${project}`))
    return `x1_${hmac.update(`dsr/extract|${stored}`).digest('hex').slice(0, 32)}`
  }

  test('who opted out are absent when one agency of several says so', async () => {
    const { report, pseudonyms } = await extracted({ tables: { people: ['interpreter'] } })
    expect(report.people).toEqual({ onRegister: 8, optedOut: 1, optOutNotRecorded: 1, chosen: 6, inExtract: 6 })
    expect(pseudonyms('people')).toContain(await pseudonymOf('ada', 'homes'))
    expect(pseudonyms('people')).not.toContain(await pseudonymOf('hal', 'homes'))
    expect(pseudonyms('people')).not.toContain(await pseudonymOf('gus', 'homes'))
  })

  test('of whom it is not recorded stay in where the project has said so', async () => {
    const { pseudonyms } = await extracted({ tables: { people: ['interpreter'] }, opt_out_not_recorded: 'keep' })
    expect(pseudonyms('people')).toContain(await pseudonymOf('gus', 'homes'))
    expect(pseudonyms('people')).not.toContain(await pseudonymOf('hal', 'homes'))
  })

  test('have the same pseudonym in each table and each time, and an unrelated one in another project', async () => {
    const tables = { people: ['sex_code'], admissions: ['planned'] }
    const homes = await extracted({ tables })
    const again = await extracted({ tables })
    const trials = await extracted({ tables }, 'trials')
    expect(homes.pseudonyms('people')).toHaveLength(6)
    expect(homes.pseudonyms('admissions')).toEqual(homes.pseudonyms('people'))
    expect(trials.pseudonyms('people').filter((one) => homes.pseudonyms('people').includes(one))).toEqual([])
    expect(await pseudonymOf('ada', 'homes')).not.toBe(await pseudonymOf('ada', 'trials'))
    for (const file of readdirSync(homes.folder))
      expect(readFileSync(join(again.folder, file))).toEqual(readFileSync(join(homes.folder, file)))
  })
})

describe('the files', () => {
  test('hold no name, number, birth date or stored pseudonym, and are for their owner only', async () => {
    const { folder } = await extracted({ tables: { people: ['sex_code', 'interpreter'] } })
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'extract.json', 'people.csv'])
    expect(statSync(folder).mode & 0o077).toBe(0)
    for (const file of readdirSync(folder)) {
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
      const text = readFileSync(join(folder, file), 'utf8')
      expect(text).not.toMatch(/Winterbourne|\bAda\b|999000|ZZ1|\bp1x?_|\bada\b|-05-01/)
    }
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/Not to be passed on\.[^]*At least 3 people share/)
  })

  test('with a value that is in no list, or a column more, are stopped by the guard', async () => {
    const { folder } = await extracted({ tables: { people: ['sex_code'] } })
    const allowing = (...columns: (readonly [string, RegExp])[]): RungTable =>
      ({
        name: 'people',
        columns: columns.map(([name, shape]) => ({ name, allows: (text: string) => shape.test(text) })),
      }) as unknown as RungTable
    const check = async (table: RungTable): Promise<string> => {
      const error = await checkExtractFile(table, join(folder, 'people.csv')).catch((thrown: unknown) => thrown)
      return error === undefined ? '' : describeFailure(error).text
    }
    expect(await check(allowing(['sex_code', /^[12]$/]))).toBe('')
    expect(await check(allowing(['sex_code', /^1$/]))).toContain('people.csv.sex_code: 3 rows hold what they may not')
    expect(await check(allowing())).toMatch(/people\.csv\.\(headings\): 1 [^]*people\.csv\.\(cells\): 6 /)
  })
})

describe('a project', () => {
  test('that names what is not there, or what would join files, is told so all at once', async () => {
    const text = await refusal({
      tables: {
        people: ['sex_kode', 'pseudonym', 'row_id', 'national_data_opt_out'],
        statutory_admissions: ['admitted'],
        reviews: ['summary', 'held_on'],
      },
      always: [{ column: 'reviews.held_on', to: 'icb' }],
      ladder: [{ column: 'people.age_band', to: 'wide' }],
      not_known_outside: { 'people.age_band': 'Nobody knows how old anybody is.' },
    })
    expect(text.split('\n').slice(0, -1)).toEqual([
      'projects/homes.yml does not fit what the register holds:',
      'tables.people: there is no column sex_kode to extract; the nearest known one is sex_code',
      expect.stringMatching(/no column pseudonym/),
      expect.stringMatching(/no column row_id/),
      expect.stringMatching(/no column national_data_opt_out/),
      expect.stringMatching(/^tables: there is no table statutory_admissions/),
      expect.stringMatching(/^tables.reviews: there is no column summary/),
      expect.stringMatching(/^not_known_outside: people.age_band is not among the chosen columns/),
      'always: reviews.held_on cannot become icb; it can become month, quarter, year, drop',
      expect.stringMatching(/^ladder: people.age_band is not among the chosen columns/),
    ])
  })

  test('whose agreement has ended, that has no terms, or that is misspelt makes no extract', async () => {
    expect(await refusal({ tables: people, valid_until: '2026-10-31' })).toContain('ended on 2026-10-31')
    expect(await refusal({ tables: people, licence: 'none' })).toContain('licence')
    expect(await refusal({ tables: people, min_group: 2 })).toContain('min_group')
    expect(await refusal({ tables: people, leave_out_upto: 1 })).toContain('the nearest known one is leave_out_up_to')
  })

  test('cannot say that what the dictionary calls identifying is known to nobody', async () => {
    const text = await refusal({
      tables: people,
      not_known_outside: { 'people.sex_code': 'Nobody knows it, or so we say here.' },
    })
    expect(text).toContain('people.sex_code identifies by the dictionary')
  })
})

describe('dsr extract', () => {
  /** The deployment of these tests as one that has been run: a finished version with its keys, settings and pointer. */
  function serve(): Deployment {
    const { deployment } = step
    writeFileSync(deployment.settingsFile, stringify({ icbs: ['QOQ', 'QF7'], made_up: true, extract_min_group: 3 }))
    makeKeys(deployment)
    for (const [name, key] of Object.entries(step.keys))
      writeFileSync(join(deployment.secrets, `${name}.key`), key.toString('base64'))
    const finished = join(deployment.versions, '2026-11-01.1')
    cpSync(step.versionFolder, finished, { recursive: true })
    const made = { asOf: '2026-11-01', inputs: {}, steps: { pseudonymise: { seconds: 1, result: report } } }
    writeFileSync(versionFiles(finished).manifest, JSON.stringify(made))
    writeFileSync(deployment.currentPointer, '2026-11-01.1\n')
    return deployment
  }

  test('writes the files, audits it, and is refused while a withdrawal waits', () => {
    const deployment = serve()
    mkdirSync(deployment.projects, { recursive: true })
    const write = (name: string, project: Record<string, unknown>): void =>
      writeFileSync(join(deployment.projects, `${name}.yml`), stringify({ ...agreement, ...project }))
    write('homes', { tables: { people: ['sex_code'] } })
    write('finest', { tables: people })
    const by = ['--by', 'Sam Okoro (made up)']

    const made = dsr(deployment, 'extract', 'homes', ...by)
    expect(made).toMatchObject({ code: 0, err: '' })
    const folder = join(deployment.extractsOut, 'homes', '2026-11-01.1')
    expect(made.out).toContain(`6 people, at least 3 in each group: ${folder}`)
    expect(readdirSync(folder).sort()).toEqual(['README.md', 'extract.json', 'people.csv'])
    const bytes = readFileSync(join(folder, 'people.csv'), 'utf8')
    expect(dsr(deployment, 'extract', 'homes', ...by, '--json').code).toBe(0)
    expect(readFileSync(join(folder, 'people.csv'), 'utf8')).toBe(bytes)

    expect(dsr(deployment, 'extract', 'finest', ...by)).toMatchObject({
      code: 1,
      err: expect.stringContaining('people: 6 of 6 are in groups under 3'),
    })
    expect(dsr(deployment, 'extract', 'home', ...by).err).toContain('the nearest known one is homes')
    expect(dsr(deployment, 'extract', 'homes').err).toContain('It is not said who makes the extract.')
    writeFileSync(deployment.unfinished, '')
    expect(dsr(deployment, 'extract', 'homes', ...by).err).toContain('a withdrawal waits')
    expect(readdirSync(deployment.extractsOut)).not.toContain('finest.building')

    const audit = openAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
    const entries = audit.latest(9).map(({ who, action, outcome }) => [who, action, outcome])
    audit.close()
    expect(entries.reverse()).toEqual([
      ['dsr extract, Sam Okoro (made up)', 'extract homes (6 people, step 0 of 0)', 'allowed'],
      ['dsr extract, Sam Okoro (made up)', 'extract homes (6 people, step 0 of 0)', 'allowed'],
      ['dsr extract, Sam Okoro (made up)', 'extract finest', 'failed'],
    ])
    expect(dsr(deployment, 'status').out).toMatch(
      /alike {6}people: of 8 people \d unique, 8 in groups under 3, smallest 1, by age band, sex/,
    )

    // The next version takes the extracts of this one with it, as it does the people who withdrew.
    removeOtherVersions(deployment, '2026-11-02.2')
    expect(readdirSync(join(deployment.extractsOut, 'homes'))).toEqual([])
  })
})
