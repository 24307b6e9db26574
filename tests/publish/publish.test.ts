import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cubes } from '../../publish/cubes.ts'
import { publish } from '../../publish/publish.ts'
import { describeFailure } from '../../register/errors.ts'
import { releaseSchema } from '../../register/release.ts'
import { verifyManifest } from '../../store/manifest.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { versionFiles } from '../../store/deployment.ts'
import { madeUpDeployment, madeUpRegister, release, type MadeUpDeployment } from './madeUpWarehouse.ts'
import { readArrow } from './readArrow.ts'

const small: typeof madeUpRegister = { ...madeUpRegister, months: madeUpRegister.months.slice(-3) }

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  )
}

async function change(made: MadeUpDeployment, sql: string): Promise<void> {
  const path = versionFiles(made.step.versionFolder).warehouse
  const database = await openDuckDB({ attach: [{ path, alias: 'warehouse' }] })
  await database.connection.run(sql)
  database.close()
}

describe('a release', () => {
  let made: MadeUpDeployment
  let folder: string

  beforeAll(async () => {
    made = await madeUpDeployment(small)
    folder = (await release(made)).folder
  })

  test('the same figures give the same id and the same bytes', async () => {
    const again = await madeUpDeployment(small)
    const report = await release(again)
    expect(report.folder.split('/').at(-1)).toBe(folder.split('/').at(-1))
    expect(contents(report.folder)).toEqual(contents(folder))
  })

  test('other figures are another release', async () => {
    const other = await madeUpDeployment({
      ...small,
      people: (month, icb, rating) => small.people(month, icb, rating) + 20,
    })
    expect((await release(other)).releaseId).not.toBe(folder.split('/').at(-1))
  })

  test('a finished release is not written again', async () => {
    const before = statSync(join(folder, 'release.json')).mtimeMs
    const report = await publish(made.step)
    expect(report).toMatchObject({ isNew: false, folder })
    expect(statSync(join(folder, 'release.json')).mtimeMs).toBe(before)
    expect(readdirSync(made.deployment.releases)).toHaveLength(1)
  })

  test('a suppressed cell holds no number in any file', () => {
    for (const cube of cubes) {
      const csv = readFileSync(join(folder, `${cube.name}.csv`), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
      const rows = readArrow(readFileSync(join(folder, `${cube.name}.arrow`)))
      const suppressed = rows.flatMap((row, at) =>
        row.texts['state'] === 'suppressed' ? [{ ...row, line: csv[at] }] : [],
      )
      expect(suppressed.length).toBeGreaterThan(0)
      for (const { value, stored, line } of suppressed) {
        // What lies in the buffer under a null is written too: it must not be the count.
        expect([value, stored]).toEqual([null, 0])
        expect(line).toMatch(/,\[c\]$/)
      }
    }
  })

  test('the file and the table hold the same cells in the same order', () => {
    for (const cube of cubes) {
      const columns = cube.dimensions.map(({ column }) => column)
      const lines = readArrow(readFileSync(join(folder, `${cube.name}.arrow`))).map(({ texts, value }) =>
        [...columns.map((column) => texts[column]), texts['state'] === 'shown' ? value : '[c]'].join(','),
      )
      const csv = readFileSync(join(folder, `${cube.name}.csv`), 'utf8')
      expect(csv).toBe([[...columns, 'value'].join(','), ...lines, ''].join('\n'))
      expect([...lines].sort()).toEqual([...new Set(lines)].sort())
    }
  })

  test('the description names every cube, its rows and the data cut', () => {
    const description = releaseSchema.parse(JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8')))
    expect(description.cubes.map(({ name }) => name)).toEqual(cubes.map(({ name }) => name))
    expect(description.cubes[0]?.rows).toBe(3 * 5 * 5)
    expect(description.feeds).toContainEqual({ feed: 'council', agencyKind: 'A02', deliveredOn: '2026-10-30' })
    expect(description.feeds).toContainEqual({ feed: 'icb', agencyKind: 'A01', deliveredOn: null })
    expect(description.labels['places']).toEqual(
      expect.objectContaining({ all: 'Whole register', QHM: 'North East and North Cumbria' }),
    )
    expect(Object.keys(description.labels['places'] ?? {})).toHaveLength(5)
  })

  test('the manifest proves every byte and who signed it', async () => {
    const key = made.step.keys.manifest
    expect(Object.keys(verifyManifest(folder, 'release', key).files)).toHaveLength(cubes.length * 2 + 1)
    expect(() => verifyManifest(folder, 'release', Buffer.alloc(32, 8))).toThrow('signature does not fit')
    expect(() => verifyManifest(folder, 'version', key)).toThrow('signature does not fit')
    const changed = (await release(await madeUpDeployment(small))).folder
    const csv = join(changed, 'themes_by_month.csv')
    writeFileSync(csv, readFileSync(csv, 'utf8').replace('40', '45'))
    expect(() => verifyManifest(changed, 'release', key)).toThrow('changed themes_by_month.csv')
    writeFileSync(join(changed, 'more.csv'), '')
    expect(() => verifyManifest(changed, 'release', key)).toThrow('does not hold just the files')
  })
})

describe('nothing is released when', () => {
  const cases: readonly [string, string][] = [
    [
      'a number stands behind a suppressed cell',
      `update warehouse.published.pub_themes_by_month set value = 3 where state = 'suppressed'`,
    ],
    [
      'a shown number is under the threshold',
      `update warehouse.published.pub_themes_by_month set value = 4 where state = 'shown'`,
    ],
    [
      'a shown number is not rounded',
      `update warehouse.published.pub_themes_by_month set value = 41 where state = 'shown'`,
    ],
    ['a shown cell is empty', `update warehouse.published.pub_themes_by_month set value = null`],
    [
      'a text is of no closed list',
      `update warehouse.published.pub_themes_by_month set theme_code = 'Zebedee' where theme_code = 'T01'`,
    ],
    [
      'a place is not of this deployment',
      `update warehouse.published.pub_themes_by_month set place = 'QMF' where place = 'QF7'`,
    ],
    ['a month is a day', `update warehouse.published.pub_themes_by_month set month = month + interval 3 day`],
    [
      'a cell is there twice',
      `insert into warehouse.published.pub_themes_by_month select * from warehouse.published.pub_themes_by_month limit 1`,
    ],
    ['a state is unknown', `update warehouse.published.pub_themes_by_month set state = 'hidden'`],
  ]
  test.each(cases)('%s', async (_name, sql) => {
    const made = await madeUpDeployment(small)
    await change(made, sql)
    const failure = await publish(made.step).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'leak' })
    expect(describeFailure(failure).text).not.toContain('Zebedee')
    expect(readdirSync(made.deployment.releases)).toEqual([])
  })
})
