import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ingest, type IngestReport } from '../../ingest/ingest.ts'
import type { Acceptance } from '../../ingest/landing/refuseDelivery.ts'
import { listQuarantine, type QuarantinedRow } from '../../ingest/quarantine.ts'
import { projectRoot } from '../../register/projectRoot.ts'
import { settingsSchema, type Settings } from '../../register/settings.ts'
import { deploymentAt, versionFiles, type Deployment } from '../../store/deployment.ts'
import { makeKeys, readKey } from '../../store/keys.ts'
import { openDuckDB } from '../../store/openDuckDB.ts'

export const samples = join(projectRoot, 'tests/fixtures/extracts')

/** A deployment in a temporary folder, with its keys, that a test fills and throws away. */
export interface TestDeployment {
  readonly deployment: Deployment
  readonly lines: string[]
  contract(feed: string, yaml: string): void
  extract(feed: string, file: string, content: string | Uint8Array): string
  ingest(more?: Partial<Settings>, asOf?: string, accept?: Acceptance): Promise<IngestReport>
  /** Builds the register as it was known on a day. */
  known(day: string): Promise<IngestReport>
  quarantine(): Promise<readonly QuarantinedRow[]>
  /** Rows of the register of the last run. */
  register(sql: string): Promise<readonly Record<string, unknown>[]>
  landing(sql: string): Promise<readonly Record<string, unknown>[]>
  remove(): void
}

export function makeDeployment(): TestDeployment {
  const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-ingest-')))
  mkdirSync(deployment.sources, { recursive: true })
  makeKeys(deployment)
  const store = readKey(deployment, 'store')
  const lines: string[] = []
  const versionFolder = join(deployment.versions, 'test.building')
  const ask = async (path: string, alias: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const database = await openDuckDB({ attach: [{ path, alias, key: store, readOnly: true }] })
    try {
      await database.connection.run(`use ${alias}`)
      return (await database.connection.runAndReadAll(sql)).getRowObjectsJson()
    } finally {
      database.close()
    }
  }
  return {
    deployment,
    lines,
    contract(feed, yaml) {
      writeFileSync(join(deployment.sources, `${feed}.yml`), yaml)
    },
    extract(feed, file, content) {
      const folder = join(deployment.extracts, feed)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, file), content)
      return join(folder, file)
    },
    ingest(more = {}, asOf = '2026-11-01', accept) {
      rmSync(versionFolder, { recursive: true, force: true })
      const settings = { ...settingsSchema.parse({ icbs: ['QOQ'] }), ...more }
      const step = {
        deployment,
        settings,
        asOf,
        keys: { store },
        versionFolder,
        report: (line: string) => lines.push(line),
      }
      return ingest(step, accept ? { accept } : {})
    },
    known(day) {
      rmSync(versionFolder, { recursive: true, force: true })
      const settings = settingsSchema.parse({ icbs: ['QOQ'] })
      const step = { deployment, settings, asOf: day, keys: { store }, versionFolder, report: () => undefined }
      return ingest(step, { knownAt: day })
    },
    quarantine: () => listQuarantine(deployment, { store }),
    register: (sql) => ask(versionFiles(versionFolder).register, 'register', sql),
    landing: (sql) => ask(deployment.landing, 'landing', sql),
    remove: () => rmSync(deployment.home, { recursive: true, force: true }),
  }
}

/** The extract of each feed of tests/fixtures/extracts. */
export const sampleFiles = {
  council: 'adult_social_care.csv',
  mental_health_trust: 'mental_health_trust.xlsx',
  childrens_services: 'childrens_services.ndjson',
  supported_living: 'supported_living.csv',
} as const

/** Puts the sample extracts and their contracts into a deployment. */
export function addSamples(deployment: Deployment): void {
  for (const [feed, file] of Object.entries(sampleFiles)) {
    cpSync(join(samples, `${feed}.yml`), join(deployment.sources, `${feed}.yml`))
    mkdirSync(join(deployment.extracts, feed), { recursive: true })
    cpSync(join(samples, file), join(deployment.extracts, feed, file))
  }
}

/** A deployment in which the sample extracts wait. */
export function withSamples(): TestDeployment {
  const made = makeDeployment()
  addSamples(made.deployment)
  return made
}

/** A small contract for tests of one thing: people with a review, an entry and consent. */
export const smallContract = `
feed: small
agency: { name: Small agency (made up), kind: A02 }
basis: register_consent
from: { folder: extracts/small, files: '*.csv' }
delivered_on: { value: 2026-10-30 }
read: { format: csv }
dates: ['%d/%m/%Y']
tables:
  people:
    fields:
      local_id: No
      nhs_number: NHS
      family_name: Surname
      given_name: First
      date_of_birth: Born
      postcode: Postcode
  consents:
    fields:
      basis: { column: Consent, codes: { 'Yes': K01, 'No': K92, Gone: K91, Lapsed: K93, '': K90 } }
      decision_date: Consented
  ratings:
    fields: { rating: Colour, effective_from: Since }
  reviews:
    fields: { held_on: Reviewed, kind: { value: dsr }, summary: Note }
`

export const smallHeading = 'No,NHS,Surname,First,Born,Postcode,Consent,Consented,Colour,Since,Reviewed,Note'

/** One line of the small CSV; the defaults are sound. */
export function smallLine(more: Partial<Record<string, string>> = {}): string {
  const cells: Record<string, string> = {
    No: '1',
    NHS: '9990000018',
    Surname: 'Marsh',
    First: 'Ada',
    Born: '05/01/1990',
    Postcode: 'HU21 1AA',
    Consent: 'Yes',
    Consented: '01/06/2026',
    Colour: 'green',
    Since: '01/06/2026',
    Reviewed: '01/09/2026',
    Note: 'Settled',
  }
  return smallHeading
    .split(',')
    .map((name) => more[name] ?? cells[name] ?? '')
    .join(',')
}
