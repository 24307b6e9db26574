import { mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { openDuckDB } from '../../store/openDuckDB.ts'
import { query, textIn } from '../statement.ts'
import { prepareStage } from '../stage/prepareStage.ts'
import { draftTables } from './draftTables.ts'
import { dateForms } from './profileColumn.ts'
import { readSources, type Source } from './readSources.ts'
import { sniffFile } from './sniffFile.ts'
import { mark, writeContract, type DraftContract } from './writeContract.ts'

export interface DraftOptions {
  readonly feed: string
  /** Name of the agency; absent: that of the feed, marked. */
  readonly agency: string | null
  /** Kind of the agency, A01 to A14; absent: guessed from names, marked. */
  readonly kind: string | null
  /** ODS codes of the deployment. */
  readonly icbs: readonly string[]
  /** Folder for what is written while reading; it is emptied afterwards. */
  readonly work: string
}

export interface Drafted {
  readonly yaml: string
  /** Lines with a mark, from 1. */
  readonly doubts: readonly { readonly line: number; readonly text: string }[]
  readonly fields: number
  readonly ignored: number
}

/**
 * Drafts the contract of an agency's file from the file itself: how to read it, which column goes to which field, what
 * its words mean. What is not certain is marked. No value of the file is written down but the words of closed lists.
 * @throws DsrError 'input' where the file cannot be read, has no headings or says of nobody who they are
 */
export async function draftContract(path: string, options: DraftOptions): Promise<Drafted> {
  const shape = sniffFile(path)
  const folder = join(options.work, `draft-${process.pid}`)
  mkdirSync(join(folder, 'spill'), { recursive: true, mode: 0o700 })
  const database = await openDuckDB({
    attach: [],
    tempDirectory: join(folder, 'spill'),
  })
  try {
    const { connection } = database
    await prepareStage(connection, [])
    const sources = await readSources(connection, folder, path, shape)
    const titles = [...shape.titles, ...sources.flatMap((source) => source.titles)]
    const kind = options.kind ?? guessKind(`${options.feed} ${options.agency ?? ''} ${titles[0] ?? ''}`)
    const named = dayInName(path)
    const day = named === null ? await dayInTitles(database, titles) : null
    const fileDay = statSync(path).mtime.toLocaleDateString('en-CA')
    const tables = await draftTables(connection, sources, shape.format === 'xlsx', {
      kind,
      icb: options.icbs.length === 1 ? (options.icbs[0] ?? null) : null,
      extractedOn: day ?? fileDay,
    })
    const draft: DraftContract = {
      feed: options.feed,
      agency: { name: options.agency ?? options.feed, kind, doubt: doubtOfAgency(options) },
      files: `*${extname(path)}`,
      deliveredOn:
        tables.extractDay === null
          ? (named ?? {
              rule: 'value',
              text: day ?? fileDay,
              doubt:
                day === null
                  ? 'the day of the file itself; a day in the file name would be safer'
                  : 'from the title rows: change it with each extract, or put the day into the file name',
            })
          : { rule: 'column', text: tables.extractDay, doubt: null },
      shape: { ...shape, skipRows: shape.format === 'csv' ? shape.skipRows : 0 },
      footer: footerOf(sources),
      tables,
    }
    const yaml = writeContract(draft)
    const lines = yaml.split('\n').map((text, index) => ({ line: index + 1, text: text.trim() }))
    return {
      yaml,
      doubts: lines.filter(({ text }) => text.includes(` ${mark} `) && !text.startsWith('#')),
      fields: tables.blocks.reduce((sum, block) => sum + block.fields.length, 0),
      ignored: tables.ignored.length,
    }
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function doubtOfAgency({ agency, kind }: DraftOptions): string | null {
  if (agency !== null && kind !== null) return null
  return agency === null
    ? 'who sends it? kinds: register/codes/agencies.csv'
    : 'which kind? register/codes/agencies.csv'
}

const kindWords: readonly (readonly [string, RegExp])[] = [
  ['A06', /camhs/i],
  ['A05', /nhs|trust|mental health/i],
  ['A04', /school|academy|college|\bsend\b|education|pupil/i],
  ['A03', /child|cyp|young/i],
  ['A13', /living|provider|care home|care ltd|housing with/i],
  ['A10', /police/i],
  ['A09', /practice|surgery|primary care/i],
  ['A01', /\bicb\b|integrated care/i],
  ['A14', /charity|voluntary|advocacy/i],
]

/** A council's adult social care where no word says otherwise: most registers begin with it. */
function guessKind(words: string): string {
  return kindWords.find(([, pattern]) => pattern.test(words.replaceAll('_', ' ')))?.[0] ?? 'A02'
}

/** A day in the file name in an order that nobody mistakes. */
function dayInName(path: string): DraftContract['deliveredOn'] | null {
  const name = basename(path)
  if (/(?<!\d)20\d\d-\d\d-\d\d(?!\d)/.test(name))
    return { rule: 'file_name', text: String.raw`(\d{4}-\d{2}-\d{2})`, doubt: null }
  return null
}

/** `Position at 31 October 2026`: the day that the rows above the heading name, in ISO. */
async function dayInTitles(database: Parameters<typeof dayOf>[0], titles: readonly string[]): Promise<string | null> {
  const found = /\b(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{1,2} \p{L}{3,9} \d{4}|\d{4}-\d{2}-\d{2})\b/u.exec(
    titles.join('\n'),
  )
  return found?.[1] === undefined ? null : dayOf(database, found[1])
}

async function dayOf(
  database: { readonly connection: Parameters<typeof query>[0] },
  said: string,
): Promise<string | null> {
  const forms = dateForms.filter((form) => !form.startsWith('%m')).map((form) => `'${form}'`)
  const [row] = await query(
    database.connection,
    'read the day in a title',
    `select strftime(coalesce(try_cast($said as date), cast(try_strptime($said, [${forms.join(', ')}]) as date)), '%Y-%m-%d') as day`,
    { said },
  )
  return textIn(row, 'day') || null
}

function footerOf(sources: readonly Source[]): DraftContract['footer'] {
  const source = sources.find(({ footer, names }) => footer !== null && (names[0] ?? '') !== '')
  if (source === undefined || source.footer === null) return null
  return { column: source.names[0] ?? '', starts: source.footer }
}
