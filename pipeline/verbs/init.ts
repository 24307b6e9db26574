import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, extname, join, resolve } from 'node:path'
import { draftContract, type Drafted } from '../../ingest/draft/draftContract.ts'
import { readContract } from '../../ingest/readContracts.ts'
import { DsrError } from '../../register/errors.ts'
import { readCodes } from '../../register/readCodes.ts'
import { checkSettings } from '../../register/settings.ts'
import { readSettings, type Deployment } from '../../store/deployment.ts'
import { makeKeys } from '../../store/keys.ts'
import { print, type Verb, type VerbCall } from '../verb.ts'

export const init: Verb = {
  name: 'init',
  summary: 'Makes a deployment: settings, keys, folders; with --from it also drafts the contract of a file.',
  example: 'dsr init --home /srv/dsr --icbs QOQ --from council.csv --agency "Northmoor Council" --kind A02',
  options: {
    icbs: {
      type: 'string',
      meaning: 'ODS codes of the ICBs whose register this is, with commas between (register/codes/icbs.csv)',
    },
    from: {
      type: 'string',
      meaning: "an agency's file: its contract is drafted into sources/, the file copied into extracts/",
    },
    feed: { type: 'string', meaning: 'what to call the feed (--from; else the name of the file)' },
    agency: { type: 'string', meaning: 'name of the agency that sends it (--from)' },
    kind: { type: 'string', meaning: 'kind of the agency, A01 to A14 (--from; register/codes/agencies.csv)' },
  },
  async perform(call) {
    const { deployment, values } = call
    const isThere = existsSync(deployment.settingsFile)
    const from = textOption(call, 'from')
    if (from === null) refuseWithoutFile(values)
    if (isThere && (from === null || values['icbs'] !== undefined)) {
      throw new DsrError(
        'input',
        `${deployment.home} is a deployment already.`,
        from === null
          ? 'Name another folder with --home; or add an extract to this one: dsr init --from FILE'
          : 'Leave --icbs out to add an extract to it, or name another folder with --home.',
      )
    }
    const icbs = isThere ? readSettings(deployment).icbs : givenIcbs(call)
    // The file is looked at before anything is made: where it cannot be read, nothing has changed.
    const draft = from === null ? null : await draftFeed(call, resolve(from), icbs)
    if (!isThere) makeDeployment(deployment, icbs)
    if (draft !== null) keepDraft(deployment, draft)
    else sayNext()
  },
}

function textOption({ values }: VerbCall, name: string): string | null {
  const given = values[name]
  return typeof given === 'string' ? given : null
}

function refuseWithoutFile(values: VerbCall['values']): void {
  const [lone] = ['feed', 'agency', 'kind'].filter((name) => values[name] !== undefined)
  if (lone !== undefined)
    throw new DsrError('input', `--${lone} goes with --from.`, 'Name the file: dsr init --from FILE')
}

function givenIcbs(call: VerbCall): readonly string[] {
  const icbs = (textOption(call, 'icbs') ?? '')
    .split(',')
    .map((code) => code.trim().toUpperCase())
    .filter((code) => code !== '')
  if (icbs.length === 0) throw new DsrError('input', 'Say whose register this is.', 'For example: dsr init --icbs QOQ')
  return checkSettings({ icbs }, '--icbs').icbs
}

function makeDeployment(deployment: Deployment, icbs: readonly string[]): void {
  for (const folder of [deployment.home, deployment.sources, deployment.extracts])
    mkdirSync(folder, { recursive: true })
  writeFileSync(
    deployment.settingsFile,
    `# Every setting and its default: docs/settings.md\nicbs: [${icbs.join(', ')}]\nas_of: today\n`,
  )
  makeKeys(deployment)
  print(`Deployment made in ${deployment.home}. Keep a copy of secrets/ apart from the data.`)
}

function sayNext(): void {
  print(
    'Next: for each agency extract, dsr init --from FILE drafts its contract into sources/ and copies the file into',
  )
  print('extracts/<feed>/ (or write the contract by hand: docs/contracts.md). Then run: dsr check, dsr run, dsr serve,')
  print('each with the same --home or with DSR_HOME set.')
}

interface FeedDraft {
  readonly feed: string
  readonly path: string
  readonly drafted: Drafted
}

async function draftFeed(call: VerbCall, path: string, icbs: readonly string[]): Promise<FeedDraft> {
  if (!existsSync(path) || !statSync(path).isFile())
    throw new DsrError('input', `There is no file ${path}.`, 'Name the extract with --from.')
  const feed = textOption(call, 'feed') ?? feedOf(path)
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(feed))
    throw new DsrError(
      'input',
      `A feed cannot be called ${feed}.`,
      'Give lower-case letters, digits and _ with --feed, for example --feed hull_council.',
    )
  if (existsSync(join(call.deployment.sources, `${feed}.yml`)))
    throw new DsrError(
      'input',
      `sources/${feed}.yml is there already.`,
      `For a new extract of it, put the file into extracts/${feed}/; for another agency, name it with --feed.`,
    )
  const kind = textOption(call, 'kind')
  const kinds = readCodes('agencies').map(({ code, label }) => `${code} ${label}`)
  if (kind !== null && !kinds.some((known) => known.startsWith(`${kind} `)))
    throw new DsrError(
      'input',
      `${kind} is no kind of agency.`,
      `Give one of these with --kind:\n  ${kinds.join('\n  ')}`,
    )
  const work = mkdtempSync(join(tmpdir(), 'dsr-draft-'))
  try {
    const drafted = await draftContract(path, { feed, agency: textOption(call, 'agency'), kind, icbs, work })
    return { feed, path, drafted }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** `Adult Social Care 2026-10-30.csv` is the feed adult_social_care. */
function feedOf(path: string): string {
  const words = basename(path, extname(path))
    .toLowerCase()
    .replaceAll(/\d{2,4}[-_. ]?\d{2}[-_. ]?\d{2,4}/g, ' ')
    .match(/[a-z][a-z0-9]*/g)
  return (words ?? ['extract']).join('_').slice(0, 40)
}

function keepDraft(deployment: Deployment, { feed, path, drafted }: FeedDraft): void {
  const contract = join(deployment.sources, `${feed}.yml`)
  const folder = join(deployment.extracts, feed)
  mkdirSync(deployment.sources, { recursive: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(contract, drafted.yaml, { flag: 'wx' })
  const copy = join(folder, basename(path))
  if (resolve(copy) !== path) copyFileSync(path, copy)
  print(
    `Drafted ${contract}: ${drafted.fields} fields filled, ${drafted.ignored} columns ignored. The file is copied into ${folder}.`,
  )
  const { problems } = readContract(contract)
  if (problems.length > 0) print(`The file does not say all that the register needs:\n  ${problems.join('\n  ')}`)
  print(`${drafted.doubts.length} lines are marked # ? and want your eye:`)
  for (const { line, text } of drafted.doubts) print(`  ${String(line).padStart(4)}  ${text}`)
  print('Next: put those lines right (docs/contracts.md), then run: dsr check, dsr run, dsr serve')
}
