import type { DuckDBConnection } from '@duckdb/node-api'
import { basename } from 'node:path'
import { DsrError } from '../../register/errors.ts'
import { londonDay } from '../../register/londonDay.ts'
import { readDictionary, type Table } from '../../register/readDictionary.ts'
import { defaultConsentRules, type ConsentRule } from '../../register/settings.ts'
import { checkHeadings, foldHeading } from '../checkHeadings.ts'
import { blocksOf, holdsJson, mappingOf, type Contract } from '../contract.ts'
import type { CheckCode } from '../checks.ts'
import { jsonPath } from '../jsonPath.ts'
import { readRaw, type RawTable } from '../read/readRaw.ts'
import { numberIn, query, run, textIn } from '../statement.ts'
import { compileBlock } from './compileBlock.ts'
import { dateIn } from './compileField.ts'
import { FaultBook, type FaultKind } from './faultBook.ts'
import { findConsentFaults } from './findConsentFaults.ts'
import { findRowFaults } from './findRowFaults.ts'
import { prepareStage } from './prepareStage.ts'
import { Translations } from './translations.ts'

/** How the records of a file (or sheet) were judged: read = accepted + quarantined + duplicates. */
export interface Tally {
  readonly sheet: string
  readonly read: number
  readonly accepted: number
  readonly quarantined: number
  readonly duplicates: number
  /** Rows that are not data: totals named by the contract, and rows without any value. */
  readonly notData: number
}

/**
 * A delivered file, read and judged, in temporary tables: `raw_<n>` per sheet, `staged_<table>` (typed rows of every
 * record), `faults` (sheet, record, fault) and `set_aside` (sheet, record, verdict: quarantined or duplicate).
 */
export interface StagedDelivery {
  readonly deliveredOn: string
  readonly raw: readonly RawTable[]
  readonly faultKinds: readonly FaultKind[]
  readonly tallies: readonly Tally[]
}

/**
 * Reads one file by its contract and judges every record. Nothing outside temporary tables changes.
 * @param folder - owner-only folder for the named pipe
 * @param arrivedOn - day that counts as today, for extracts whose day nobody states
 * @param prepareRaw - what is done to the tables as read, before any of it is judged
 * @param consentRules - which consent basis fits which age (setting `consent_rules`)
 * @throws DsrError 'input' when the file as a whole does not fit; its message names no file, the caller does
 */
export async function stageDelivery(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  path: string,
  arrivedOn: string = londonDay(new Date()),
  consentRules: readonly ConsentRule[] = defaultConsentRules,
  prepareRaw: (raw: readonly RawTable[]) => Promise<readonly RawTable[]> = (raw) => Promise.resolve(raw),
): Promise<StagedDelivery> {
  const dictionary = readDictionary()
  await prepareStage(connection, dictionary)
  const raw = await prepareRaw(await readRaw(connection, folder, contract, path))
  const problems: string[] = []
  for (const table of raw) problems.push(...(await checkHeadings(connection, contract, table)))
  if (problems.length > 0)
    throw new DsrError('input', problems.join('\n'), 'Nothing of the file was taken. When it fits, run again.')
  const notData: number[] = []
  for (const table of raw) notData.push(await removeNotData(connection, contract, table))
  const deliveredOn = await findDeliveredOn(connection, contract, raw, path, arrivedOn)
  await run(connection, 'keep the day of the delivery', `set variable delivered_on = cast($day as date)`, {
    day: deliveredOn,
  })

  const faults = new FaultBook()
  const translations = new Translations()
  const statements = compileAll(contract, dictionary, raw, faults, translations)
  await translations.write(connection)
  for (const { table, sql } of statements) await run(connection, `stage ${table}`, sql)

  const raws = raw.map((table, index) => ({ ...table, number: index }))
  await gatherFaults(connection, dictionary, raws, faults)
  await findRowFaults(connection, contract, dictionary, raws, faults)
  await findConsentFaults(connection, contract, faults, consentRules)
  await findDuplicates(connection, contract, raws, faults)
  await judge(connection, faults)
  const tallies: Tally[] = []
  for (const table of raws) tallies.push(await tally(connection, table, notData[table.number] ?? 0))
  await requireStaged(connection, contract, raws)
  return { deliveredOn, raw, faultKinds: faults.kinds, tallies }
}

export interface NumberedRaw extends RawTable {
  readonly number: number
}

function compileAll(
  contract: Contract,
  dictionary: readonly Table[],
  raw: readonly RawTable[],
  faults: FaultBook,
  translations: Translations,
): readonly { readonly table: string; readonly sql: string }[] {
  return dictionary.flatMap((table) =>
    blocksOf(contract, table.name as 'people').flatMap((block, blockNumber) => {
      const sheetNumber = raw.findIndex((candidate) => candidate.sheet === (block.sheet ?? ''))
      const sheet = raw[sheetNumber]
      if (!sheet) return []
      const context = { contract, raw: sheet, sheetNumber, table, block, blockNumber, faults, translations }
      return compileBlock(context).map((sql) => ({ table: table.name, sql }))
    }),
  )
}

/** Totals that the contract names and rows without any value are counted, and leave. */
async function removeNotData(connection: DuckDBConnection, contract: Contract, raw: RawTable): Promise<number> {
  if (holdsJson(contract)) return 0
  const cells = raw.headings.map((_, index) => `c${index + 1}`)
  const blank = cells.map((cell) => `clean(${cell}) is null`).join(' and ')
  const footer = contract.read.footer
  const position = footer === undefined ? -1 : raw.headings.map(foldHeading).indexOf(foldHeading(footer.column))
  const isFooter = position < 0 ? 'false' : `starts_with(ltrim(coalesce(c${position + 1}, ''), ' "'), $footer)`
  const before = await countOf(connection, raw)
  await run(
    connection,
    'leave out rows that are not data',
    `delete from ${raw.name} where ((note is null or note = 'control_characters') and ${blank}) or ${isFooter}`,
    position < 0 ? {} : { footer: footer?.starts_with ?? '' },
  )
  return before - (await countOf(connection, raw))
}

async function countOf(connection: DuckDBConnection, raw: RawTable): Promise<number> {
  const [row] = await query(connection, 'count records', `select count(*) as records from ${raw.name}`)
  return numberIn(row, 'records')
}

/** The day the extract was taken, yyyy-mm-dd. */
async function findDeliveredOn(
  connection: DuckDBConnection,
  contract: Contract,
  raw: readonly RawTable[],
  path: string,
  arrivedOn: string,
): Promise<string> {
  const rule = contract.delivered_on
  if ('arrival' in rule) return arrivedOn
  if ('value' in rule) return rule.value
  const sql = `select strftime(max(${dateIn(contract, contract.dates, 'said')}), '%Y-%m-%d') as day from`
  if ('file_name' in rule) {
    const said = new RegExp(rule.file_name).exec(basename(path))?.[1] ?? ''
    const [row] = await query(connection, 'read the date of a file name', `${sql} (select $said as said)`, { said })
    const day = textIn(row, 'day')
    if (day === '')
      throw new DsrError(
        'input',
        'The file name does not hold the day of the extract as delivered_on.file_name says.',
        'Correct the expression or the file name.',
      )
    return day
  }
  const sheet = raw.find((table) => table.sheet === (blocksOf(contract, 'people')[0]?.sheet ?? '')) ?? raw[0]
  const position = sheet?.headings.map(foldHeading).indexOf(foldHeading(rule.column)) ?? -1
  const cell = holdsJson(contract) ? 'json_extract_string(c1, $path)' : `c${position + 1}`
  const [row] = await query(
    connection,
    'read the day of the extract',
    `${sql} (select clean(${cell}) as said from ${sheet?.name ?? 'raw_0'} where note is null or note = 'control_characters')`,
    holdsJson(contract) ? { path: jsonPath(rule.column) } : {},
  )
  const day = textIn(row, 'day')
  if (day === '')
    throw new DsrError(
      'input',
      `No value of ${rule.column} is a date, so the day of the extract is not known.`,
      'Correct delivered_on or dates in the contract.',
    )
  return day
}

async function gatherFaults(
  connection: DuckDBConnection,
  dictionary: readonly Table[],
  raws: readonly NumberedRaw[],
  faults: FaultBook,
): Promise<void> {
  const ofRows = dictionary.map(
    ({ name }) => `select sheet, record, unnest(faults) as fault from staged_${name} where len(faults) > 0`,
  )
  const notes: readonly CheckCode[] = [
    'wrong_number_of_columns',
    'stray_quote',
    'broken_line',
    'over_long_record',
    'control_characters',
  ]
  const cases = notes.map((note) => `when '${note}' then ${faults.add('', '', '', note)}`).join(' ')
  const ofRecords = raws.map(
    ({ name, number }) =>
      `select ${number} as sheet, record, case note ${cases} end as fault from ${name} where note is not null`,
  )
  await run(
    connection,
    'gather faults',
    `insert into faults select distinct sheet, record, fault from (${[...ofRows, ...ofRecords].join(' union all ')})`,
  )
}

/** The second and further of records that are the same in every cell. The hash only narrows: equality is of the cells. */
async function findDuplicates(
  connection: DuckDBConnection,
  contract: Contract,
  raws: readonly NumberedRaw[],
  faults: FaultBook,
): Promise<void> {
  const fault = faults.add('', '', '', 'duplicate_record')
  for (const { name, number, headings } of raws) {
    const width = holdsJson(contract) ? 1 : headings.length
    const cells = Array.from({ length: width }, (_, index) => `c${index + 1}`).join(', ')
    await run(
      connection,
      'find duplicate records',
      `insert into faults
      with
      hashed as (select record, hash(${cells}) as digest from ${name} where note is null or note = 'control_characters'),
      alike as (select digest from hashed group by digest having count(*) > 1),
      candidates as (select record from hashed where digest in (select digest from alike)),
      numbered as (
          select record, row_number() over (partition by ${cells} order by record) as nth
          from ${name}
          where record in (select record from candidates)
      )
      select ${number} as sheet, record, ${fault} as fault from numbered where nth > 1`,
    )
  }
}

/** A double is a duplicate whatever else is wrong with it; otherwise one fault that rejects sets the record aside. */
async function judge(connection: DuckDBConnection, faults: FaultBook): Promise<void> {
  const ids = (severity: string): string =>
    [0, ...faults.kinds.filter((kind) => kind.severity === severity).map((kind) => kind.id)].join(', ')
  await run(
    connection,
    'judge records',
    `create or replace temp table set_aside as
    select sheet, record, case when bool_or(fault in (${ids('duplicate')})) then 'duplicate' else 'quarantined' end as verdict
    from faults
    where fault in (${ids('duplicate')}, ${ids('reject')})
    group by sheet, record`,
  )
}

async function tally(connection: DuckDBConnection, raw: NumberedRaw, notData: number): Promise<Tally> {
  const [row] = await query(
    connection,
    'count verdicts',
    `select
        (select count(*) from ${raw.name} anti join (from set_aside where sheet = ${raw.number}) as aside using (record)) as accepted,
        (select count(*) from set_aside where sheet = ${raw.number} and verdict = 'quarantined') as quarantined,
        (select count(*) from set_aside where sheet = ${raw.number} and verdict = 'duplicate') as duplicates`,
  )
  const counts = {
    sheet: raw.sheet,
    read: raw.counted - notData,
    accepted: numberIn(row, 'accepted'),
    quarantined: numberIn(row, 'quarantined'),
    duplicates: numberIn(row, 'duplicates'),
    notData,
  }
  if (counts.read !== counts.accepted + counts.quarantined + counts.duplicates) {
    throw new DsrError(
      'input',
      'The records accepted, quarantined and double do not add up to the records read.',
      'Nothing of the file was taken. Please report this.',
    )
  }
  return counts
}

/** Every accepted record of the people's sheet has become a person: a join that lost one would show here. */
async function requireStaged(
  connection: DuckDBConnection,
  contract: Contract,
  raws: readonly NumberedRaw[],
): Promise<void> {
  for (const block of blocksOf(contract, 'people').filter(
    (candidate) => candidate.where === undefined && candidate.when === undefined,
  )) {
    const raw = raws.find((candidate) => candidate.sheet === (block.sheet ?? ''))
    if (!raw || mappingOf(block.fields['local_id'] ?? '').value !== undefined) continue
    const [row] = await query(
      connection,
      'compare people with records',
      `select count(*) as lost
      from ${raw.name}
      anti join (from set_aside where sheet = ${raw.number}) as aside using (record)
      anti join (from staged_people where sheet = ${raw.number}) as staged using (record)`,
    )
    if (numberIn(row, 'lost') > 0) {
      throw new DsrError(
        'input',
        `${numberIn(row, 'lost')} accepted records did not become people.`,
        'Nothing of the file was taken. Please report this.',
      )
    }
  }
}
