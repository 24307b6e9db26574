import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import { foldHeading } from '../checkHeadings.ts'
import type { Contract } from '../contract.ts'
import type { RawTable } from '../read/readRaw.ts'
import { rowColumns } from '../rowColumns.ts'
import type { StagedDelivery } from '../stage/stageDelivery.ts'
import { run } from '../statement.ts'

export interface DeliveryName {
  readonly delivery: string
  readonly feed: string
  readonly fileName: string
  readonly digest: string
  readonly contractDigest: string
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
    await forget(connection, dictionary, name.delivery)
    await writeDelivery(connection, name, staged)
    for (const table of dictionary) await landRows(connection, table, name.delivery)
    for (const [number, raw] of staged.raw.entries())
      await landSetAside(connection, contract, raw, number, name.delivery)
    await landFaults(connection, name.delivery, staged)
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
    ...dictionary.map(({ name }) => `landed_${name}`),
  ]) {
    await run(connection, 'replace a delivery', `delete from landing.${table} where delivery = $delivery`, { delivery })
  }
}

async function writeDelivery(connection: DuckDBConnection, name: DeliveryName, staged: StagedDelivery): Promise<void> {
  await run(
    connection,
    'write a delivery',
    `insert into landing.deliveries
    select $delivery, (select coalesce(max(sequence), 0) + 1 from landing.deliveries), $feed, $file, $digest, $contract, cast($day as date), cast(now() as timestamp)`,
    {
      delivery: name.delivery,
      feed: name.feed,
      file: name.fileName,
      digest: name.digest,
      contract: name.contractDigest,
      day: staged.deliveredOn,
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

async function landRows(connection: DuckDBConnection, table: Table, delivery: string): Promise<void> {
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

/** The record as it came, without the columns that the contract ignores: they are not ours to keep. */
async function landSetAside(
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
  const whole = contract.read.format === 'ndjson' ? 'c1' : `cast(to_json(struct_pack(${cells.join(', ')})) as varchar)`
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

async function landFaults(connection: DuckDBConnection, delivery: string, staged: StagedDelivery): Promise<void> {
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
