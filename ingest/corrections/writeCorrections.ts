import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import type { Deployment } from '../../store/deployment.ts'
import type { Keys } from '../../store/keys.ts'
import { checkOf } from '../checks.ts'
import { columnsOfSheet } from '../checkHeadings.ts'
import { blocksOf, columnsOf, holdsJson, isDatabase, mappingOf, type Contract } from '../contract.ts'
import { unreadableCodes } from '../landing/unreadable.ts'
import { withLanding } from '../quarantine.ts'
import { numberIn, query, textIn } from '../statement.ts'
import { csvCell, markColumn, markOf, ourColumns, rawColumn, remedyColumn, wrongColumn } from './columns.ts'

export interface WrittenFile {
  readonly file: string
  readonly records: number
}

interface HeldRecord {
  readonly mark: string
  readonly said: string
  readonly isUnreadable: boolean
  readonly wrong: string
  readonly remedy: string
}

/**
 * Writes what is in quarantine into files that the agencies can put right and send back, one for each feed and sheet:
 * CSV for files of cells, JSON lines for nested ones. Readable by their owner only; an older one of the name is replaced.
 * @throws DsrError 'input' where the folder cannot be written
 */
export async function writeCorrections(
  deployment: Deployment,
  keys: Keys<'store'>,
  folder: string,
): Promise<readonly WrittenFile[]> {
  return withLanding(deployment, keys, [], async (connection, contracts) => {
    const written: WrittenFile[] = []
    // What a live database holds is put right in the database.
    for (const contract of contracts.filter((candidate) => !isDatabase(candidate))) {
      for (const [sheet, records] of await heldRecords(connection, contract)) {
        const text = holdsJson(contract) ? linesOf(records) : csvOf(contract, sheet, records)
        const stem = sheet === '' ? contract.feed : `${contract.feed}.${sheet.replaceAll(/[^\p{L}\p{N} _-]/gu, '_')}`
        const file = join(folder, `${stem}.to-correct.${holdsJson(contract) ? 'ndjson' : 'csv'}`)
        writeOwnerOnly(folder, file, text)
        written.push({ file, records: records.length })
      }
    }
    return written
  })
}

function writeOwnerOnly(folder: string, file: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, text, { mode: 0o600 })
  } catch {
    throw new DsrError(
      'input',
      `${folder} cannot be written.`,
      'Name a folder that is yours: dsr quarantine --write FOLDER',
    )
  }
}

async function heldRecords(
  connection: DuckDBConnection,
  contract: Contract,
): Promise<ReadonlyMap<string, readonly HeldRecord[]>> {
  const rows = await query(
    connection,
    'list records to be put right',
    `select
        held.delivery, held.sheet, held.record, held.said,
        bool_or(faults.code in (${unreadableCodes})) as is_unreadable,
        cast(to_json(list(distinct [faults.column_name, faults.code] order by [faults.column_name, faults.code])) as varchar) as faults
    from landing.quarantine as held
    join ranked_deliveries as deliveries on deliveries.delivery = held.delivery and deliveries.is_in_force
    join landing.faults as faults on faults.delivery = held.delivery and faults.sheet = held.sheet and faults.record = held.record
    where held.verdict = 'quarantined' and faults.severity = 'reject' and deliveries.feed = $feed
    group by held.delivery, deliveries.rank, held.sheet, held.record, held.said
    order by held.sheet, deliveries.rank, held.record`,
    { feed: contract.feed },
  )
  const sheets = new Map<string, HeldRecord[]>()
  for (const row of rows) {
    const faults = JSON.parse(textIn(row, 'faults')) as readonly (readonly [string, string])[]
    const sheet = textIn(row, 'sheet')
    const records = sheets.get(sheet) ?? []
    sheets.set(sheet, records)
    records.push({
      mark: markOf(textIn(row, 'delivery'), numberIn(row, 'record'), sheet),
      said: textIn(row, 'said'),
      isUnreadable: row['is_unreadable'] === true,
      wrong: faults.map(([column, code]) => `${column === '' ? '' : `${column}: `}${checkOf(code).sentence}`).join(' '),
      remedy: [...new Set(faults.map(([, code]) => checkOf(code).remedy))].join(' '),
    })
  }
  return sheets
}

/** JSON is put together as text: a number is not to lose digits on the way. */
function linesOf(records: readonly HeldRecord[]): string {
  const lines = records.map(({ mark, said, isUnreadable, wrong, remedy }) => {
    const own = isUnreadable ? '' : said.trim().slice(1, -1).trim()
    const ours = {
      [markColumn]: mark,
      [wrongColumn]: wrong,
      [remedyColumn]: remedy,
      ...(isUnreadable && { [rawColumn]: said }),
    }
    return `{${own}${own === '' ? '' : ','}${JSON.stringify(ours).slice(1)}`
  })
  return `${lines.join('\n')}\n`
}

function csvOf(contract: Contract, sheet: string, records: readonly HeldRecord[]): string {
  const cells = records.map(({ said, isUnreadable }) =>
    isUnreadable ? {} : (JSON.parse(said) as Record<string, string | null>),
  )
  const headings = [...new Set([...cells.flatMap(Object.keys), ...columnsOfSheet(contract, sheet)])]
  const distinct = headings.filter((name, at) => headings.findIndex((other) => fold(other) === fold(name)) === at)
  const dates = contract.read.format === 'xlsx' ? dateColumns(contract, sheet) : new Set<string>()
  const hasRaw = records.some(({ isUnreadable }) => isUnreadable)
  const ours = ourColumns.filter((name) => hasRaw || name !== rawColumn)
  const lines = records.map((record, index) => {
    const own = distinct.map((name) => {
      const value = cells[index]?.[name] ?? ''
      return dates.has(fold(name)) ? readableDate(value) : value
    })
    const said: Readonly<Record<string, string>> = {
      [markColumn]: record.mark,
      [wrongColumn]: record.wrong,
      [remedyColumn]: record.remedy,
      [rawColumn]: record.isUnreadable ? record.said : '',
    }
    return [...own, ...ours.map((name) => said[name] ?? '')]
  })
  return `\uFEFF${[[...distinct, ...ours], ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('')}`
}

function fold(name: string): string {
  return name.trim().toLowerCase()
}

/** Columns whose cells are dates: Excel keeps these as numbers of days, which nobody could correct. */
function dateColumns(contract: Contract, sheet: string): ReadonlySet<string> {
  const names = readDictionary().flatMap((table) =>
    blocksOf(contract, table.name as 'people')
      .filter((block) => (block.sheet ?? '') === sheet)
      .flatMap((block) =>
        table.fields
          .filter(({ name, type }) => type === 'date' && block.fields[name] !== undefined)
          .flatMap(({ name }) => columnsOf(mappingOf(block.fields[name] ?? ''))),
      ),
  )
  return new Set(names.map(fold))
}

function readableDate(value: string): string {
  if (!/^\d{5}(\.\d+)?$/.test(value)) return value
  return new Date(Date.UTC(1899, 11, 30) + Math.floor(Number(value)) * 86_400_000).toISOString().slice(0, 10)
}
