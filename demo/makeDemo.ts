import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { DsrError } from '../register/errors.ts'
import { writeFileAtomically } from '../store/atomicFile.ts'
import type { Deployment } from '../store/deployment.ts'
import { writeChildrensServices } from './feeds/childrensServices.ts'
import { writeCouncils } from './feeds/councils.ts'
import type { FeedContext, FeedCounts, FeedWriter } from './feeds/feedWriter.ts'
import { writeInpatientCommissioning } from './feeds/inpatientCommissioning.ts'
import { sourceFile } from './feeds/labels.ts'
import { writeProvider } from './feeds/provider.ts'
import { writeTrust } from './feeds/trust.ts'
import { keepTruth, type Truth } from './truth.ts'
import { dayOf, monthStart } from './world/days.ts'
import { makeDecoys, makePeople, type World } from './world/makePeople.ts'
import { makeNhsNumbers } from './world/nhsNumbers.ts'
import { feedNames, type FeedName } from './world/person.ts'
import { demoIcbs, readPlaces } from './world/place.ts'

export interface DemoOptions {
  readonly people?: number
  readonly seed?: number
  /** Months of history before `asOf`. */
  readonly months?: number
  /** The day that counts as today in the demo, yyyy-mm-dd. */
  readonly asOf?: string
}

export interface DemoReport {
  readonly people: number
  readonly open: number
  readonly overdue: number
  /** Records of each feed, bad ones included. */
  readonly records: Readonly<Record<FeedName, number>>
}

/** People between two hand-overs to the disk. */
const batch = 250

/**
 * Fills a deployment folder with made-up agencies and people: settings, contracts, extracts, and `truth.json` with
 * what was planted. Keys are made by the caller. The same options give the same bytes. Settings are written last: a
 * folder without them is unfinished and is written anew.
 */
export async function makeDemo(deployment: Deployment, options: DemoOptions = {}): Promise<DemoReport> {
  const { people = 1200, seed = 20_261_101, months = 36, asOf = '2026-11-01' } = options
  if (people < 50 || people > 1_000_000) {
    throw new DsrError('input', 'A demo holds from 50 to 1,000,000 people.', 'Give --people a number in between.')
  }
  const today = dayOf(asOf)
  const world: World = {
    seed,
    people,
    asOf: today,
    until: today - 2,
    from: monthStart(today, -months),
    places: readPlaces(),
  }
  const nextNhsNumber = makeNhsNumbers(seed)
  const writers = openWriters(deployment, world, makeDecoys(world, nextNhsNumber))
  const truth = keepTruth(world, months)
  for (const person of makePeople(world, nextNhsNumber)) {
    for (const feed of feedNames) if (person.localIds[feed] !== undefined) writers[feed].add(person)
    truth.add(person)
    if (person.index % batch === batch - 1) for (const feed of feedNames) await writers[feed].flush()
  }
  const counts: Partial<Record<FeedName, FeedCounts>> = {}
  for (const feed of feedNames) counts[feed] = await writers[feed].finish()
  const finished = truth.finish(counts as Record<FeedName, FeedCounts>)
  copyContracts(deployment)
  writeFileSync(join(deployment.home, 'truth.json'), `${JSON.stringify(finished, null, 1)}\n`, { mode: 0o600 })
  writeSettings(deployment, asOf, months)
  return reportOf(finished)
}

function openWriters(
  deployment: Deployment,
  world: World,
  decoys: ReturnType<typeof makeDecoys>,
): Record<FeedName, FeedWriter> {
  const contextOf = (feed: FeedName): FeedContext => {
    const folder = join(deployment.extracts, feed)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return { folder, asOf: world.asOf, until: world.until, people: world.people }
  }
  const { adults, children, inpatients } = decoys
  return {
    councils: writeCouncils(contextOf('councils'), adults.slice(0, 9)),
    trust: writeTrust(contextOf('trust'), children.slice(0, 8)),
    childrens_services: writeChildrensServices(contextOf('childrens_services'), children.slice(8, 16)),
    provider: writeProvider(contextOf('provider'), adults.slice(9, 16)),
    inpatient_commissioning: writeInpatientCommissioning(contextOf('inpatient_commissioning'), inpatients),
  }
}

function copyContracts(deployment: Deployment): void {
  mkdirSync(deployment.sources, { recursive: true, mode: 0o700 })
  for (const feed of feedNames) copyFileSync(sourceFile(feed), join(deployment.sources, `${feed}.yml`))
}

function writeSettings(deployment: Deployment, asOf: string, months: number): void {
  const settings = {
    name: 'Dynamic Support Register of the demo (made-up people)',
    made_up: true,
    as_of: asOf,
    history_months: months,
    icbs: [...demoIcbs],
    // The extracts stay where they are, to be looked at.
    extracts_after_landing: 'keep',
  }
  writeFileAtomically(
    deployment.settingsFile,
    `# Settings of the demo: every person in it is invented.\n${stringify(settings)}`,
  )
}

function reportOf({ people, register, overdue, feeds }: Truth): DemoReport {
  const records = Object.fromEntries(feedNames.map((feed) => [feed, feeds[feed].read])) as Record<FeedName, number>
  return { people, open: register.open, overdue: overdue.people, records }
}
