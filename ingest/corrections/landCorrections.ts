import { rmSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { readDictionary } from '../../register/readDictionary.ts'
import type { DuckDBConnection } from '@duckdb/node-api'
import { blocksOf, holdsJson, type Contract } from '../contract.ts'
import { digestFile, type WaitingFile } from '../landing/findFiles.ts'
import { landFaults, landRows, landSetAside } from '../landing/landDelivery.ts'
import { landDigests, landHeard, landNamed } from '../landing/landTraces.ts'
import type { LandingContext } from '../landing/landWaiting.ts'
import { foldHeading } from '../checkHeadings.ts'
import { readRaw, type RawTable } from '../read/readRaw.ts'
import { chooseDeliveries } from '../register/chooseDeliveries.ts'
import { partsPerBlock } from '../stage/findings.ts'
import { stageDelivery, type StagedDelivery } from '../stage/stageDelivery.ts'
import { numberIn, query, run, textIn } from '../statement.ts'
import { letGo } from '../withdrawal/letGo.ts'
import { hasOurApostrophe, markColumn, ourColumns } from './columns.ts'
import { contractOfCorrections, numberedBlocks } from './contractOfCorrections.ts'

/**
 * Takes a file of corrections: each record is judged anew by its feed's contract and, where it is sound now, landed in
 * the delivery that it belongs to, under its old number; what was wrong moves to `landing.resolved` (codes only: the wrong
 * text is not kept). Still wrong ones stay in quarantine with what is wrong with them now. The same file again changes
 * nothing. The file is removed afterwards, never archived: landing holds all of it.
 * @throws DsrError 'input' where a record is not one of ours, comes twice, or a newer full extract has replaced it
 */
export async function landCorrections(context: LandingContext, contract: Contract, file: WaitingFile): Promise<void> {
  const { connection, settings } = context
  const digest = await digestFile(file.path)
  await readMarks(context, contract, file)
  await requireMarks(connection, contract)
  const parts = await query(
    connection,
    'list deliveries to be corrected',
    `select distinct delivery, sheet, strftime(delivered_on, '%Y-%m-%d') as day from marks where is_open order by delivery, sheet`,
  )
  let resolved = 0
  let left = 0
  for (const part of parts) {
    const place = { delivery: textIn(part, 'delivery'), sheet: textIn(part, 'sheet'), day: textIn(part, 'day') }
    const counts = await landPart(context, contract, file, place, digest)
    resolved += counts.resolved
    left += counts.left
  }
  context.report(`${contract.feed}: ${file.name}, ${resolved} records put right, ${left} still wrong`)
  if (settings.extracts_after_landing !== 'keep') rmSync(file.path)
}

interface Place {
  readonly delivery: string
  readonly sheet: string
  readonly day: string
}

/** The marks of the file's records as `marks`: which record of which delivery a line corrects, and whether it is open. */
async function readMarks({ connection, folder }: LandingContext, contract: Contract, file: WaitingFile): Promise<void> {
  const probe = { ...contractOfCorrections(contract, '', '1900-01-01'), tables: { people: { fields: {} } } }
  const [raw] = await readRaw(connection, folder, probe, file.path)
  if (!raw) throw new Error('a file has one table at least')
  await chooseDeliveries(connection, [contract])
  await run(
    connection,
    'read which records are corrected',
    `create or replace temp table marks as
    with
    said as (select record as line, note, trim(${markCell(contract, raw)}) as mark from ${raw.name}),
    named as (
        select line, note, split_part(mark, '/', 1) as delivery, try_cast(split_part(mark, '/', 2) as bigint) as record, array_to_string(string_split(mark, '/')[3:], '/') as sheet
        from said
    )
    select
        named.*, deliveries.delivered_on,
        deliveries.delivery is not null as is_ours,
        coalesce(deliveries.is_in_force, false) as is_in_force,
        held.record is not null as is_open
    from named
    left join ranked_deliveries as deliveries on deliveries.delivery = named.delivery
    left join (from landing.quarantine where verdict = 'quarantined') as held
        on held.delivery = named.delivery and held.sheet = named.sheet and held.record = named.record`,
  )
}

function markCell(contract: Contract, raw: RawTable): string {
  if (holdsJson(contract)) return `json_extract_string(c1, '$."${markColumn}"')`
  const position = raw.headings.map(foldHeading).indexOf(foldHeading(markColumn)) + 1
  return position === 0 ? 'null' : `c${position}`
}

async function requireMarks(connection: DuckDBConnection, contract: Contract): Promise<void> {
  const [row] = await query(
    connection,
    'check which records are corrected',
    `select
        count(*) filter (where not is_ours or record is null or (note is not null and note <> 'control_characters')) as unknown,
        count(*) filter (where is_ours and not is_in_force) as replaced,
        strftime(min(delivered_on) filter (where not is_in_force), '%Y-%m-%d') as replaced_day,
        count(*) - count(distinct (delivery, sheet, record)) as doubled,
        count(distinct sheet) as sheets
    from marks`,
  )
  const problems = [
    ...(numberIn(row, 'unknown') > 0
      ? [
          `${numberIn(row, 'unknown')} rows cannot be read, or have no “${markColumn}” of this feed. Leave that column as it was written.`,
        ]
      : []),
    ...(numberIn(row, 'replaced') > 0
      ? [
          `${numberIn(row, 'replaced')} rows belong to an extract (${textIn(row, 'replaced_day')}) that a newer full one has replaced. Write the corrections anew: dsr quarantine --write FOLDER.`,
        ]
      : []),
    ...(numberIn(row, 'unknown') === 0 && numberIn(row, 'doubled') > 0
      ? ['A record is corrected twice. Leave one of the two rows.']
      : []),
  ]
  if (problems.length > 0)
    throw new DsrError('input', `${problems.join(' ')}`, `Nothing of the corrections of ${contract.feed} was taken.`)
}

async function landPart(
  context: LandingContext,
  contract: Contract,
  file: WaitingFile,
  place: Place,
  digest: string,
): Promise<{ resolved: number; left: number }> {
  const { connection, settings, storeKey } = context
  const derived = contractOfCorrections(contract, place.sheet, place.day)
  const staged = await stageDelivery(
    connection,
    context.folder,
    derived,
    file.path,
    context.asOf,
    settings.consent_rules,
    async (raws) => {
      await addNeighbours(connection, place.delivery)
      return keepPart(connection, derived, place, raws)
    },
  )
  await run(connection, 'let the neighbours go', `delete from staged_people where sheet = ${neighbours}`)
  await letGo(connection, storeKey, derived, staged.raw)
  const judged = await requireParents(connection, contract, derived, place, staged)
  await keepSlots(connection, contract, place.sheet)
  return replaceRecords(connection, derived, place, judged, digest, context.asOf)
}

/** Stands for the sheet of rows that are compared with, but neither judged nor landed. */
const neighbours = -1

/** A corrected record is judged beside the people who were accepted with it, who come first: what is theirs stays theirs. */
async function addNeighbours(connection: DuckDBConnection, delivery: string): Promise<void> {
  await run(
    connection,
    'compare with the people accepted before',
    `insert into staged_people by name
    select
        ${neighbours} as sheet, record - 1000000000000 as record, slot,
        local_id, nhs_number, family_name, given_name, date_of_birth
    from landing.landed_people
    where delivery = $delivery`,
    { delivery },
  )
}

/** Only the open records of one delivery and sheet, under their old numbers and without what we added. */
async function keepPart(
  connection: DuckDBConnection,
  derived: Contract,
  { delivery, sheet }: Place,
  raws: readonly RawTable[],
): Promise<readonly RawTable[]> {
  const [raw] = raws
  if (!raw) return raws
  const cells = holdsJson(derived)
    ? `json_merge_patch(c1, '{${ourColumns.map((name) => `"${name}": null`).join(', ')}}') as c1`
    : raw.headings
        .map(
          (_, index) =>
            `case when ${hasOurApostrophe(`c${index + 1}`)} then c${index + 1}[2:] else c${index + 1} end as c${index + 1}`,
        )
        .join(', ')
  await run(
    connection,
    'keep the records of one delivery',
    `create or replace temp table ${raw.name} as
    select marks.record, raw.note, ${cells}
    from ${raw.name} as raw
    join marks on marks.line = raw.record
    where marks.is_open and marks.delivery = $delivery and marks.sheet = $sheet`,
    { delivery, sheet },
  )
  const [row] = await query(connection, 'count records', `select count(*) as records from ${raw.name}`)
  return [{ ...raw, counted: numberIn(row, 'records') }]
}

/** A row of a detail sheet needs its person, who was landed, or set aside, with the sheet of people. */
async function requireParents(
  connection: DuckDBConnection,
  contract: Contract,
  derived: Contract,
  { delivery, sheet }: Place,
  staged: StagedDelivery,
): Promise<StagedDelivery> {
  const raw = staged.raw.map((table) => ({ ...table, sheet }))
  if (derived.tables.people !== undefined || blocksOf(contract, 'people').length === 0) return { ...staged, raw }
  const id = Math.max(0, ...staged.faultKinds.map((kind) => kind.id)) + 1
  const tables = readDictionary().filter(({ name }) => name !== 'people')
  await run(
    connection,
    'find rows without their person',
    `insert into faults
    select distinct sheet, record, ${id}
    from (${tables.map(({ name }) => `select sheet, record, local_id from staged_${name} where local_id is not null`).join(' union all ')})
    where local_id not in (
        select local_id from landing.landed_people where delivery = $delivery
        union select local_id from landing.named where delivery = $delivery
    )`,
    { delivery },
  )
  await run(
    connection,
    'set rows without their person aside',
    `insert into set_aside
    select distinct sheet, record, 'quarantined' from faults where fault = ${id}
    except select sheet, record, verdict from set_aside`,
  )
  const kind = { id, table: '', field: 'local_id', column: '', code: 'parent_row_missing' as const, severity: 'reject' }
  return { ...staged, raw, faultKinds: [...staged.faultKinds, kind] }
}

/** A block's place in the whole contract is part of its rows' numbers: here it was read among those of one sheet. */
async function keepSlots(connection: DuckDBConnection, contract: Contract, sheet: string): Promise<void> {
  for (const { name } of readDictionary()) {
    const numbers = numberedBlocks(contract, name as 'people', sheet).map(({ number }) => number)
    if (numbers.every((number, index) => number === index)) continue
    await run(
      connection,
      'number rows as before',
      `update staged_${name} set slot = [${numbers.join(', ')}][slot // ${partsPerBlock} + 1] * ${partsPerBlock} + slot % ${partsPerBlock}`,
    )
  }
}

async function replaceRecords(
  connection: DuckDBConnection,
  derived: Contract,
  place: Place,
  staged: StagedDelivery,
  digest: string,
  asOf: string,
): Promise<{ resolved: number; left: number }> {
  const { delivery, sheet } = place
  const [raw] = staged.raw
  if (!raw) return { resolved: 0, left: 0 }
  const [counts] = await query(
    connection,
    'count records put right',
    `select count(*) filter (where record not in (select record from set_aside)) as resolved, count(*) filter (where record in (select record from set_aside)) as left_over
    from ${raw.name}`,
  )
  const resolved = numberIn(counts, 'resolved')
  await run(connection, 'begin', 'begin')
  try {
    await run(
      connection,
      'keep what was put right',
      `insert into landing.resolved
      select delivery, sheet, record, list(distinct code order by code), cast($day as date), $digest
      from landing.faults
      where delivery = $delivery and sheet = $sheet and severity = 'reject'
          and record in (select record from ${raw.name}) and record not in (select record from set_aside)
      group by delivery, sheet, record`,
      { delivery, sheet, day: asOf, digest },
    )
    for (const table of ['quarantine', 'faults', 'named'])
      await run(
        connection,
        'take out what was wrong',
        `delete from landing.${table} where delivery = $delivery and sheet = $sheet and record in (select record from ${raw.name})`,
        { delivery, sheet },
      )
    await run(
      connection,
      'take out what was heard of it',
      `delete from landing.heard
      where delivery = $delivery and coalesce(sheet, $sheet) = $sheet and record in (select record from ${raw.name})`,
      { delivery, sheet },
    )
    for (const table of readDictionary()) await landRows(connection, table, delivery)
    await landSetAside(connection, derived, raw, 0, delivery)
    await landFaults(connection, delivery, staged)
    // A row of a detail sheet holds back itself alone.
    if (derived.people_of !== derived.feed) await landNamed(connection, derived, delivery, [sheet])
    await landHeard(connection, delivery, [sheet])
    if (derived.extract === 'partial') await landDigests(connection, derived, delivery, staged.raw)
    await run(
      connection,
      'count anew',
      `update landing.tallies set rows_accepted = rows_accepted + $resolved, rows_quarantined = rows_quarantined - $resolved
      where delivery = $delivery and sheet = $sheet`,
      { delivery, sheet, resolved },
    )
    await run(connection, 'commit', 'commit')
  } catch (error) {
    await run(connection, 'roll back', 'rollback').catch(() => undefined)
    throw error
  }
  return { resolved, left: numberIn(counts, 'left_over') }
}
