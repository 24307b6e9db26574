import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { quoteName, quoteText } from '../../store/openDuckDB.ts'
import { foldHeading } from '../checkHeadings.ts'
import { holdsJson, type Contract } from '../contract.ts'
import { keysOf } from '../jsonPath.ts'
import type { RawTable } from '../read/readRaw.ts'
import { rowColumns } from '../rowColumns.ts'
import type { StagedDelivery } from '../stage/stageDelivery.ts'
import { query, run, textIn } from '../statement.ts'
import { landDigests, landHeard, landNamed } from './landTraces.ts'

export interface DeliveryName {
  readonly delivery: string
  readonly feed: string
  readonly fileName: string
  readonly digest: string
  readonly contractDigest: string
  /** Day on which it became known, yyyy-mm-dd. */
  readonly landedOn: string
  /** Why it was taken against a refusal; null where nothing stood against it. */
  readonly forcedReason: string | null
  /** Whether a manifest of its sender came with it and agreed. */
  readonly manifest: 'agreed' | 'none'
}

/** Takes a staged delivery into landing: all of it or, after a kill, nothing. The same delivery anew replaces itself. */
export async function landDelivery(
  connection: DuckDBConnection,
  dictionary: readonly Table[],
  contract: Contract,
  name: DeliveryName,
  staged: StagedDelivery,
): Promise<void> {
  await run(connection, 'begin', 'begin')
  try {
    const landedOn = await firstLandedOn(connection, name)
    await forget(connection, dictionary, name.delivery)
    await writeDelivery(connection, contract, { ...name, landedOn }, staged)
    for (const table of dictionary) await landRows(connection, table, name.delivery)
    const sheets = staged.raw.map((raw) => raw.sheet)
    for (const [number, raw] of staged.raw.entries())
      await landSetAside(connection, contract, raw, number, name.delivery)
    await landFaults(connection, name.delivery, staged)
    await landNamed(connection, contract, name.delivery, sheets)
    await landHeard(connection, name.delivery, sheets)
    if (contract.extract === 'partial') await landDigests(connection, contract, name.delivery, staged.raw)
    await run(connection, 'commit', 'commit')
  } catch (error) {
    await run(connection, 'roll back', 'rollback').catch(() => undefined)
    throw error
  }
}

async function forget(connection: DuckDBConnection, dictionary: readonly Table[], delivery: string): Promise<void> {
  for (const table of [
    'deliveries',
    'tallies',
    'quarantine',
    'faults',
    'named',
    'heard',
    'resolved',
    'record_digests',
    ...dictionary.map(({ name }) => `landed_${name}`),
  ]) {
    await run(connection, 'replace a delivery', `delete from landing.${table} where delivery = $delivery`, { delivery })
  }
}

/** A delivery that is read anew by another contract was known since it came first. */
async function firstLandedOn(connection: DuckDBConnection, { delivery, landedOn }: DeliveryName): Promise<string> {
  const [known] = await query(
    connection,
    'look when a delivery came first',
    `select strftime(landed_on, '%Y-%m-%d') as day from landing.deliveries where delivery = $delivery`,
    { delivery },
  )
  return textIn(known, 'day') || landedOn
}

async function writeDelivery(
  connection: DuckDBConnection,
  contract: Contract,
  name: DeliveryName,
  staged: StagedDelivery,
): Promise<void> {
  await run(
    connection,
    'write a delivery',
    `insert into landing.deliveries by name
    select
        $delivery as delivery, $feed as feed, $file as file_name, $digest as digest, $contract as contract_digest,
        cast($day as date) as delivered_on, $extract as extract, cast($landed_on as date) as landed_on,
        cast(now() as timestamp) as landed_at, $reason as forced_reason, $manifest as manifest`,
    {
      delivery: name.delivery,
      feed: name.feed,
      file: name.fileName,
      digest: name.digest,
      contract: name.contractDigest,
      day: staged.deliveredOn,
      extract: contract.extract,
      landed_on: name.landedOn,
      reason: name.forcedReason,
      manifest: name.manifest,
    },
  )
  for (const tally of staged.tallies) {
    await run(
      connection,
      'write a tally',
      'insert into landing.tallies values ($delivery, $sheet, $read, $accepted, $quarantined, $duplicates, $other)',
      {
        delivery: name.delivery,
        sheet: tally.sheet,
        read: tally.read,
        accepted: tally.accepted,
        quarantined: tally.quarantined,
        duplicates: tally.duplicates,
        other: tally.notData,
      },
    )
  }
}

export async function landRows(connection: DuckDBConnection, table: Table, delivery: string): Promise<void> {
  const columns = rowColumns(table).map(({ name }) => name)
  await run(
    connection,
    `land ${table.name}`,
    `insert into landing.landed_${table.name} (delivery, record, slot, ${columns.join(', ')})
    select $delivery, record, slot, ${columns.join(', ')}
    from staged_${table.name}
    anti join set_aside using (sheet, record)`,
    { delivery },
  )
}

/** A JSON merge patch (RFC 7396) that takes the ignored values out; inside a list it reaches none, and the list is kept. */
function withoutIgnored({ ignore }: Contract): object {
  const patch: Record<string, unknown> = {}
  for (const path of ignore) {
    const keys = keysOf(path)
    let at = patch
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
    at[keys.at(-1) ?? ''] = null
  }
  return patch
}

/** The record as it came, without the columns that the contract ignores: they are not ours to keep. */
export async function landSetAside(
  connection: DuckDBConnection,
  contract: Contract,
  raw: RawTable,
  number: number,
  delivery: string,
): Promise<void> {
  const ignored = new Set(contract.ignore.map(foldHeading))
  const cells = raw.headings.flatMap((heading, index) =>
    heading === '' || ignored.has(foldHeading(heading)) ? [] : [`${quoteName(heading)} := c${index + 1}`],
  )
  const whole = holdsJson(contract)
    ? `cast(json_merge_patch(c1, ${quoteText(JSON.stringify(withoutIgnored(contract)))}) as varchar)`
    : `cast(to_json(struct_pack(${cells.join(', ')})) as varchar)`
  await run(
    connection,
    'land what was set aside',
    `insert into landing.quarantine
    select $delivery, $sheet, record, verdict, case when note is null or note = 'control_characters' then ${whole} else c1 end
    from ${raw.name}
    join (from set_aside where sheet = ${number}) as aside using (record)`,
    { delivery, sheet: raw.sheet },
  )
}

export async function landFaults(
  connection: DuckDBConnection,
  delivery: string,
  staged: StagedDelivery,
): Promise<void> {
  await run(
    connection,
    'land faults',
    `insert into landing.faults
    select $delivery, sheets.sheet, faults.record, kinds.kind.table, kinds.kind.field, kinds.kind.column, kinds.kind.code, kinds.kind.severity
    from faults
    join (select unnest(from_json($kinds, '[{"id": "integer", "table": "varchar", "field": "varchar", "column": "varchar", "code": "varchar", "severity": "varchar"}]')) as kind) as kinds
        on kinds.kind.id = faults.fault
    join (select unnest(from_json($sheets, '["varchar"]')) as sheet, unnest(range($count)) as number) as sheets on sheets.number = faults.sheet`,
    {
      delivery,
      kinds: JSON.stringify(staged.faultKinds),
      sheets: JSON.stringify(staged.raw.map((raw) => raw.sheet)),
      count: staged.raw.length,
    },
  )
}
