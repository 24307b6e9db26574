import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { publish, type PublishReport } from '../../publish/publish.ts'
import { checkSettings } from '../../register/settings.ts'
import { readCodes } from '../../register/readCodes.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'
import type { Step } from '../../store/step.ts'
import { finishFolder, swingPointer } from '../../store/versions.ts'

/** How many people there are really, cell by cell; the rule of domain.md 4.4 is applied when the cells are written. */
export interface MadeUpRegister {
  readonly months: readonly string[]
  readonly icbs: readonly string[]
  readonly people: (month: number, icb: string, rating: string) => number
  readonly overdue: (month: number, icb: string, rating: string) => number
  readonly theme: (month: number, icb: string, theme: string) => number
  readonly gap: (month: number, icb: string, service: string) => number
  readonly reason: (icb: string, family: string, reason: string) => number
}

export const ratings = ['red', 'amber', 'green', 'blue'] as const
const themes = readCodes('themes').map(({ code }) => code)
const services = readCodes('services').map(({ code }) => code)
const families = readCodes('service_families').map(({ code }) => code)
const reasons = readCodes('unavailable_reasons').map(({ code }) => code)

/** Four ICBs, 24 months: placement breakdown rises, supported living is what is missing, one ICB is too small to show much. */
export const madeUpRegister: MadeUpRegister = {
  months: Array.from({ length: 24 }, (_, at) => new Date(Date.UTC(2024, 10 + at, 1)).toISOString().slice(0, 10)),
  icbs: ['QF7', 'QHM', 'QOQ', 'QWO'],
  people: (month, icb, rating) =>
    Math.round(
      size(icb) * ({ red: 9, amber: 22, green: 60, blue: 14 }[rating] ?? 0) * (1 + month / 60) +
        wave(month, icb, rating),
    ),
  overdue: (month, icb, rating) =>
    Math.round(size(icb) * ({ red: 5, amber: 8, green: 12, blue: 3 }[rating] ?? 0) * (1 + Math.sin(month / 4) / 3)),
  theme(month, icb, theme) {
    const at = themes.indexOf(theme)
    const rise = theme === 'T08' ? month * 0.9 : theme === 'T13' ? month * 0.4 : 0
    return Math.round(size(icb) * (Math.max(0, 40 - at * 3.1) + rise + wave(month, icb, theme)))
  },
  gap(month, icb, service) {
    const at = services.indexOf(service)
    const most = service === 'S22' ? 26 + month * 0.6 : service === 'S04' ? 18 : service === 'S12' ? 14 : 12 - at * 0.6
    return Math.round(size(icb) * Math.max(0, most) + wave(month, icb, service))
  },
  reason: (icb, family, reason) =>
    Math.max(
      0,
      Math.round(
        size(icb) *
          (24 - families.indexOf(family) * 3 - Math.abs(reasons.indexOf(reason) - families.indexOf(family)) * 6),
      ),
    ),
}

function size(icb: string): number {
  return { QF7: 0.8, QHM: 1.5, QOQ: 1, QWO: 0.25 }[icb] ?? 1
}

/** A little unevenness, the same each time. */
function wave(month: number, icb: string, code: string): number {
  return Math.sin(month * 1.7 + icb.charCodeAt(1) + code.charCodeAt(1) * 3 + code.charCodeAt(2)) * 1.5
}

const homes: string[] = []

afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true })
})

type Row = readonly (string | number)[]

/** Writes schemas `published` and `register.feeds` as transform and pseudonymise leave them. */
export async function writeWarehouse(path: string, register: MadeUpRegister): Promise<void> {
  const database = await openDuckDB({ attach: [{ path, alias: 'warehouse' }] })
  const { connection } = database
  const table = async (name: string, columns: readonly string[], rows: readonly Row[]): Promise<void> => {
    const typed = columns.map((column) => `${column} ${column === 'month' ? 'date' : 'varchar'}`)
    await connection.run(`create table warehouse.published.${name} (${typed.join(', ')}, value integer, state varchar)`)
    const appender = rows.map(
      (row) =>
        `(${row
          .map((cell) => `'${cell}'`)
          .slice(0, -1)
          .join(', ')}, ${controlled(Number(row.at(-1)))})`,
    )
    for (let at = 0; at < appender.length; at += 2000) {
      await connection.run(`insert into warehouse.published.${name} values ${appender.slice(at, at + 2000).join(', ')}`)
    }
  }
  try {
    await connection.run('create schema warehouse.published')
    await connection.run('create schema warehouse.register')
    await connection.run('create table warehouse.register.feeds (feed varchar, agency_kind varchar, delivered_on date)')
    await connection.run(
      `insert into warehouse.register.feeds values ('council', 'A02', '2026-10-30'), ('trust', 'A05', '2026-10-28'), ('icb', 'A01', null)`,
    )
    const places = ['all', ...register.icbs]
    const monthly = (codes: readonly string[], count: (month: number, icb: string, code: string) => number): Row[] =>
      register.months.flatMap((month, at) =>
        places.flatMap((place) =>
          codes.map((code) => [month, kind(place), place, code, over(register, place, (icb) => count(at, icb, code))]),
        ),
      )
    const all = (count: MadeUpRegister['people']) => (month: number, icb: string, rating: string) =>
      rating === 'all' ? sum(ratings.map((one) => count(month, icb, one))) : count(month, icb, rating)
    const rated = [...ratings, 'all']
    await table(
      'pub_people_by_rating_month',
      ['month', 'place_kind', 'place', 'rating'],
      monthly(rated, all(register.people)),
    )
    await table(
      'pub_reviews_by_rating_month',
      ['month', 'place_kind', 'place', 'rating', 'measure'],
      (['people', 'overdue'] as const).flatMap((measure) =>
        monthly(rated, all(register[measure])).map((row) => [...row.slice(0, -1), measure, row.at(-1) ?? 0]),
      ),
    )
    await table('pub_themes_by_month', ['month', 'place_kind', 'place', 'theme_code'], monthly(themes, register.theme))
    await table(
      'pub_gaps_by_service_month',
      ['month', 'place_kind', 'place', 'service_code'],
      monthly(services, register.gap),
    )
    await table(
      'pub_gaps_by_family_reason',
      ['place_kind', 'place', 'service_family', 'unavailable_reason'],
      places.flatMap((place) =>
        families.flatMap((family) =>
          reasons.map((reason) => [
            kind(place),
            place,
            family,
            reason,
            over(register, place, (icb) => register.reason(icb, family, reason)),
          ]),
        ),
      ),
    )
  } finally {
    database.close()
  }
}

function over(register: MadeUpRegister, place: string, count: (icb: string) => number): number {
  return place === 'all' ? sum(register.icbs.map((icb) => Math.max(0, count(icb)))) : Math.max(0, count(place))
}

function controlled(count: number): string {
  return count < 5 ? `null, 'suppressed'` : `${5 * Math.round(count / 5)}, 'shown'`
}

function kind(place: string): string {
  return place === 'all' ? 'all' : 'icb'
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

export interface MadeUpDeployment {
  readonly deployment: Deployment
  readonly step: Step<'manifest'>
  readonly lines: string[]
}

/** A fresh deployment folder with one version whose warehouse holds the register's cells. */
export async function madeUpDeployment(register: MadeUpRegister = madeUpRegister): Promise<MadeUpDeployment> {
  const home = mkdtempSync(join(tmpdir(), 'dsr-publish-'))
  homes.push(home)
  const deployment = deploymentAt(home)
  const versionFolder = join(deployment.versions, 'v1')
  mkdirSync(versionFolder, { recursive: true })
  mkdirSync(deployment.releases, { recursive: true })
  await writeWarehouse(versionFiles(versionFolder).warehouse, register)
  const settings = checkSettings(
    {
      name: 'Northmoor and Fenwick register',
      made_up: true,
      as_of: '2026-10-31',
      icbs: [...register.icbs],
      disclosure_rule: 'nhs-lda',
    },
    'dsr.yml',
  )
  const lines: string[] = []
  const step = {
    deployment,
    settings,
    asOf: '2026-10-31',
    keys: { manifest: Buffer.alloc(32, 7) },
    versionFolder,
    report: (line: string) => lines.push(line),
  }
  return { deployment, step, lines }
}

/** Publishes, finishes the folder and swings the pointer, as a run does. */
export async function release({ deployment, step }: MadeUpDeployment): Promise<PublishReport> {
  const report = await publish(step)
  const folder = report.isNew ? finishFolder(report.folder) : report.folder
  swingPointer(deployment.releasedPointer, report.releaseId)
  return { ...report, folder }
}
