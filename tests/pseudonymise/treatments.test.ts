import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { importPostcodes } from '../../pseudonymise/importPostcodes.ts'
import { pseudonymise, type PseudonymiseReport } from '../../pseudonymise/pseudonymise.ts'
import { describeFailure } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import type { Step } from '../../store/step.ts'
import { makeFolder, makeRegister, makeStep, readWarehouse, type Row } from './makeRegister.ts'

// Four invented people, and what the pseudonymised store says of them.
const people: readonly Row[] = [
  // Lives in Barnsley by small area, for whom Humber and North Yorkshire is responsible, in hospital in West Yorkshire.
  {
    person_id: 'ada',
    date_of_birth: '2008-11-02',
    lsoa21: 'E01007317',
    postcode: 'ZZ1 4QQ',
    responsible_icb_ods: 'QOQ',
    responsible_utla_gss: 'E06000014',
    host_icb_ods: 'QWO',
    placing_icb_ods: 'QHM',
  },
  // Only a postcode, written as people write it; it is that of the same small area.
  { person_id: 'ben', date_of_birth: '1991-03-15', postcode: 'zz1  4qr' },
  // A postcode that the file does not have, and a council as the agency states it.
  { person_id: 'cat', date_of_birth: '1960-01-31', postcode: 'ZZ9 9ZZ', residence_utla_gss: 'E06000001' },
  // The agency's council is kept where the small area says another; ICB and deprivation are those of the small area.
  { person_id: 'dan', date_of_birth: null, lsoa21: 'E01007317', residence_utla_gss: 'E06000014' },
]

const professionals: readonly Row[] = [
  {
    person_id: 'ada',
    name: 'Jo Bloggs',
    role: 'Snr LD Nurse (North team)',
    agency_kind: 'A07',
    agency_name: 'Northmoor',
  },
  { person_id: 'ada', name: 'Sam Okoro', role: 'SENCo', agency_kind: 'A04', agency_name: 'Northmoor' },
  { person_id: 'ada', name: 'Al Fox', role: 'Friend of Jo Bloggs', agency_kind: 'A14', agency_name: 'Northmoor' },
  { person_id: 'ada', name: 'Al Fox', role: null, agency_kind: 'A14', agency_name: 'Northmoor' },
]

let step: Step<'store' | 'pseudonym'>
let report: PseudonymiseReport

beforeAll(async () => {
  step = makeStep()
  const numbered = people.map((person, index) => ({
    ...person,
    nhs_number: `99900000${['26', '34', '42', '50'][index]}`,
  }))
  const reviews = [
    { person_id: 'ada', held_on: '2024-11-01', kind: 'dsr' },
    { person_id: 'ada', held_on: '2024-11-02', kind: 'dsr' },
    { person_id: 'dan', held_on: '2026-10-01', kind: 'dsr' },
  ]
  await makeRegister(step, { people: numbered, rows: { professionals, reviews } })
  const file = join(step.deployment.home, 'onspd_cut.csv')
  writeFileSync(file, 'pcds,doterm,lsoa21\nZZ1 4QR,,E01007317\nZZ1 4QS,202001,E01007318\nZZ5 1AA,,W01000001\n')
  expect(await importPostcodes(step.deployment.reference, file)).toEqual({ rows: 2, elsewhere: 1 })
  report = await pseudonymise(step)
})

describe('treatments', () => {
  test('keep responsible, residence, host and placing place apart; residence is by LSOA, else by postcode, else as stated', async () => {
    const rows = await readWarehouse(
      step,
      `select responsible_icb_ods, responsible_utla_gss, residence_icb_ods, residence_utla_gss, deprivation_quintile, host_icb_ods, placing_icb_ods
      from warehouse.register.people order by row_id`,
    )
    expect(
      rows.map((row) =>
        Object.values(row)
          .map((value) => value ?? '-')
          .join(' '),
      ),
    ).toEqual([
      // responsible    residence              host placing
      'QOQ E06000014 QF7 E08000038 1 QWO QHM',
      '- - QF7 E08000038 1 - -',
      '- - - E06000001 - - -',
      '- - QF7 E06000014 1 - -',
    ])
    expect(report.places).toEqual({ bySmallArea: 2, byPostcode: 1, unknown: 1 })
  })

  test('band age on the day of the event, and today for people', async () => {
    const bands = async (table: string): Promise<unknown[]> => {
      const rows = await readWarehouse(step, `select age_band from warehouse.register.${table} order by row_id`)
      return rows.map((row) => row['age_band'])
    }
    // Ada turned 16 on 2 November 2024, and is 17 on the day that counts as today. Of Dan no birth date is known.
    expect(await bands('reviews')).toEqual(['0-15', '16-17', 'unknown'])
    expect(await bands('people')).toEqual(['16-17', '35-44', '65+', 'unknown'])
  })

  test('turn professionals into role and kind of agency', async () => {
    const rows = await readWarehouse(
      step,
      'select role_code, agency_kind from warehouse.register.professionals order by row_id',
    )
    expect(rows).toEqual([
      { role_code: 'nurse', agency_kind: 'A07' },
      { role_code: 'education', agency_kind: 'A04' },
      { role_code: 'other', agency_kind: 'A14' },
      { role_code: null, agency_kind: 'A14' },
    ])
  })

  test('let no postcode, small area, birth date, name or agency in words cross', async () => {
    const tables = await readWarehouse(
      step,
      `select table_name as name from duckdb_tables() where database_name = 'warehouse'`,
    )
    const dumps = tables.map((row) => readWarehouse(step, `select * from warehouse.register.${String(row['name'])}`))
    const dump = JSON.stringify(await Promise.all(dumps))
    expect(dump).toContain('E08000038')
    expect(dump).not.toMatch(/ZZ\d|zz1|E0100|1991-03-15|Bloggs|Okoro|Northmoor|North team|SENCo|Friend/)
  })

  test('are one for each field of the dictionary: nothing crosses by another name', () => {
    const crossing = readDictionary().flatMap((table) =>
      table.fields
        .filter(({ treatment }) => treatment !== 'keep' && treatment !== 'drop')
        .map(({ name, treatment }) => `${table.name}.${name}: ${treatment}`),
    )
    expect(crossing).toEqual([
      'people.nhs_number: pseudonym',
      'people.date_of_birth: age_band',
      'people.lsoa21: place',
      'professionals.role: role',
      'reviews.summary: theme',
      'issues.note: theme',
      'strategies.note: strategy',
    ])
  })
})

describe('a postcode file', () => {
  function refused(text: string): Promise<string> {
    const folder = makeFolder()
    const file = join(folder, 'postcodes.csv')
    writeFileSync(file, text)
    return importPostcodes(join(folder, 'reference'), file).then(
      () => 'taken',
      (error: unknown) => {
        expect(existsSync(join(folder, 'reference')) ? readdirSync(join(folder, 'reference')) : []).toEqual([])
        return describeFailure(error).text
      },
    )
  }

  test('is taken whole or not at all, and a fault is told without a value', async () => {
    expect(await refused('pcd,lsoa21\nZZ1 4QQ,E01007317\nZZ14QQ,E01007317\n')).toBe('taken')
    expect(await refused('pcd,lsoa21\nZZ1 4QQ,E01007317\nZZ14QQ,E01007318\n')).toContain(
      'stand in two small areas (1 rows)',
    )
    expect(await refused('pcd,lsoa21\nZZ1 4QQ,Leeds\n')).toContain('not shaped like the code of a small area (1 rows)')
    expect(await refused('pcd,lsoa21\n9990000026,E01007317\n')).toMatch(
      /^(?!.*999)[^]*not shaped like a postcode \(1 rows\)/,
    )
    expect(await refused('pcd,lsoa21\n')).toContain('it has no rows')
  })

  test('without its columns names the nearest', async () => {
    expect(await refused('postcodes,lsoa21\nZZ1 4QQ,E01007317\n')).toContain('no column is called pcds')
    expect(await refused('pcds,lsoa_21\nZZ1 4QQ,E01007317\n')).toContain('nearest column of the file: lsoa_21')
  })
})
