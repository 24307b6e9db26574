import { randomUUID } from 'node:crypto'
import type { DuckDBConnection } from '@duckdb/node-api'
import { quoteName } from '../../store/openDuckDB.ts'
import { tableNames } from '../../register/readDictionary.ts'
import { blocksOf, columnOf, type Contract } from '../contract.ts'
import { numberIn, query, run, textIn, type Row } from '../statement.ts'
import { noRows, type RowsByTable, type VersionRows } from './countServed.ts'
import { ownerOf } from './ownerOf.ts'
import { foldedSql, identityDigestsSql, personDigestSql } from './digests.ts'

export interface TakingOut {
  readonly contracts: readonly Contract[]
  /** Day of the run, yyyy-mm-dd. */
  readonly asOf: string
  /** Rows that persons have in the version that is served, by person. */
  readonly countServed: (persons: readonly PersonIds[]) => Promise<ReadonlyMap<string, VersionRows>>
  readonly isArchived: (delivery: string) => boolean
  /** Lets cases be seen again. */
  readonly unseal: (caseRefs: readonly string[]) => Promise<void>
}

export interface TakenOut {
  readonly people: number
}

/** A person and the ids that an earlier run may have given. */
export interface PersonIds {
  readonly personId: string
  readonly aliases: readonly string[]
}

/**
 * Takes everyone whose newest decision is a withdrawal out of landing, in one transaction: each row that an agency sent
 * of the person, each record set aside, faults, links and case reference. A tombstone stays, and a receipt to be finished.
 * Needs `gate`, `decisions`, `node_persons`, `ranked_deliveries` and the digest key (withDigestKey).
 */
export async function takeOut(connection: DuckDBConnection, context: TakingOut): Promise<TakenOut> {
  const leaving = await findLeaving(connection)
  await context.unseal(await listOverruled(connection))
  if (leaving.length === 0) {
    await closeRequests(connection)
    return { people: 0 }
  }
  await findTheirRows(connection, context.contracts)
  const served = await context.countServed(await listAliases(connection))
  await inTransaction(connection, async () => {
    for (const person of leaving) await keepReceipt(connection, context, person, served.get(person.personId) ?? noRows)
    await keepTombstones(connection, context.asOf)
    await deleteTheirRows(connection)
    for (const person of leaving) await countAfter(connection, person)
    await closeRequests(connection)
  })
  return { people: leaving.length }
}

/** A request is done with, whether it was carried out or a newer consent overrules it. */
async function closeRequests(connection: DuckDBConnection): Promise<void> {
  await run(
    connection,
    'close requests',
    'delete from landing.withdrawals where request in (select request from requested_withdrawals)',
  )
}

/** Cases of requests that a newer consent overrules: they are on the register again, to be seen. */
async function listOverruled(connection: DuckDBConnection): Promise<readonly string[]> {
  const rows = await query(
    connection,
    'list overruled requests',
    `select distinct refs.case_ref
    from requested_withdrawals as requested
    join node_persons as persons using (person_id)
    join landing.case_refs as refs on refs.person_id = persons.alias
    anti join leaving on leaving.person_id = requested.person_id`,
  )
  return rows.map((row) => textIn(row, 'case_ref'))
}

async function inTransaction(connection: DuckDBConnection, work: () => Promise<void>): Promise<void> {
  await run(connection, 'begin', 'begin')
  try {
    await work()
    await run(connection, 'commit', 'commit')
  } catch (error) {
    await run(connection, 'roll back', 'rollback').catch(() => undefined)
    throw error
  }
}

interface Leaving {
  readonly personId: string
  readonly withdrawal: string
}

/** Whoever the gate keeps off as withdrawn, and whoever no agency speaks of any more but withdrew last. */
async function findLeaving(connection: DuckDBConnection): Promise<readonly Leaving[]> {
  await run(
    connection,
    'find who withdrew',
    `create or replace temp table leaving as
    with
    newest as (
        select *
        from (
            from decisions
            union all by name
            -- A later consent in a delivery that has been replaced since still undid a withdrawal before it.
            select persons.person_id, consents.basis as code, consents.decision_date as decided_on
            from landing.landed_consents as consents
            join ranked_deliveries as deliveries using (delivery)
            join node_persons as persons
                on persons.feed = deliveries.owner and persons.local_id = consents.local_id
                and deliveries.rank between persons.from_rank and persons.to_rank
            where consents.basis between 'K01' and 'K08'
        )
        qualify row_number() over (partition by person_id order by decided_on desc nulls last, code in ('K91', 'K92') desc) = 1
    ),
    withdrawn as (
        select person_id, consent_decided_on as withdrawn_on from gate where reason = 'K91'
        union all
        select person_id, decided_on as withdrawn_on from newest anti join gate using (person_id) where code = 'K91'
    )
    select
        withdrawn.person_id, withdrawn.withdrawn_on,
        coalesce(requested.code, 'K91') as code,
        case when requested.code is null then 'extract' else 'request' end as source,
        cast(null as varchar) as withdrawal
    from withdrawn
    left join (
        select person_id, decided_on, min(code) as code from requested_withdrawals group by person_id, decided_on
    ) as requested on requested.person_id = withdrawn.person_id and requested.decided_on = withdrawn.withdrawn_on`,
  )
  const rows = await query(connection, 'list who withdrew', 'select person_id from leaving order by person_id')
  const leaving = rows.map((row) => ({ personId: textIn(row, 'person_id'), withdrawal: randomUUID() }))
  if (leaving.length > 0) {
    await run(
      connection,
      'number withdrawals',
      `update leaving set withdrawal = named.withdrawal
      from (select unnest(from_json($named, '[{"personId": "varchar", "withdrawal": "varchar"}]'), recursive := true)) as named
      where named.personId = leaving.person_id`,
      { named: JSON.stringify(leaving) },
    )
  }
  return leaving
}

/** Their numbers with each agency, and by these their rows and the records that were set aside. */
async function findTheirRows(connection: DuckDBConnection, contracts: readonly Contract[]): Promise<void> {
  await run(
    connection,
    'say whose numbers a feed uses',
    `create or replace temp table number_owners as
    select deliveries.delivery, coalesce(owners.owner, deliveries.feed) as feed, owners.headings, ranked.rank
    from landing.deliveries as deliveries
    left join (
        select unnest(from_json($owners, '[{"feed": "varchar", "owner": "varchar", "headings": ["varchar"]}]'), recursive := true)
    ) as owners on owners.feed = deliveries.feed
    left join ranked_deliveries as ranked on ranked.delivery = deliveries.delivery`,
    { owners: JSON.stringify(contracts.map(describeOwner)) },
  )
  await run(
    connection,
    'find numbers of those who leave',
    `create or replace temp table leaving_numbers as
    select leaving.person_id, leaving.withdrawal, nodes.feed, nodes.local_id, nodes.alias, nodes.from_rank, nodes.to_rank
    from leaving
    join node_persons as nodes using (person_id)`,
  )
  await run(
    connection,
    'find rows of those who leave',
    `create or replace temp table leaving_rows as
    select numbers.person_id, owners.delivery, numbers.local_id
    from leaving_numbers as numbers
    join number_owners as owners on owners.feed = numbers.feed and coalesce(owners.rank between numbers.from_rank and numbers.to_rank, true)`,
  )
  await run(
    connection,
    'find what is known of those who leave',
    `create or replace temp table leaving_identities as
    select distinct leaving_rows.person_id, owners.feed, said.local_id, said.nhs_number, said.family_name, said.given_name, said.date_of_birth, said.postcode
    from (
        select delivery, local_id, nhs_number, family_name, given_name, date_of_birth, postcode from landing.landed_people
        union all
        select delivery, local_id, nhs_number, family_name, given_name, date_of_birth, postcode from landing.heard
    ) as said
    join leaving_rows using (delivery, local_id)
    join number_owners as owners using (delivery)`,
  )
  await run(
    connection,
    'find records set aside of those who leave',
    `create or replace temp table leaving_records as
    with
    told as (
        select *, regexp_replace(said, '[ -]', '', 'g') as joined, coalesce(${foldedSql('said')}, '') as folded
        from landing.quarantine
        join number_owners as owners using (delivery)
    )
    select rows.person_id, named.delivery, named.sheet, named.record
    from landing.named as named
    join leaving_rows as rows using (delivery, local_id)
    union
    select known.person_id, told.delivery, told.sheet, told.record
    from told
    join leaving_identities as known on
        contains(told.joined, known.nhs_number)
        or (known.feed = told.feed and contains(told.said, known.local_id) and ${isOwnNumber})
        or (
            contains(told.folded, ${foldedSql('known.family_name')}) and contains(told.folded, ${foldedSql('known.given_name')})
            and (${dayForms.map((format) => `contains(lower(told.said), lower(strftime(known.date_of_birth, '${format}')))`).join(' or ')}
                or contains(told.said, cast(known.date_of_birth - date '1899-12-30' as varchar)))
        )`,
  )
}

/** Ways in which agencies write a birth date. */
const dayForms = [
  '%Y-%m-%d',
  '%d/%m/%Y',
  '%-d/%-m/%Y',
  '%d-%m-%Y',
  '%d.%m.%Y',
  '%d/%m/%y',
  '%d %b %Y',
  '%d %B %Y',
  '%d-%b-%Y',
  '%d-%b-%y',
  '%Y%m%d',
]

/**
 * The agency's number stands in the record as a word of its own: a long one anywhere, a short one only in the column of
 * the agency's number or beside the family name, since `1` may be anything.
 */
const isOwnNumber = `regexp_matches(told.said, '(^|[^A-Za-z0-9])' || regexp_escape(known.local_id) || '([^A-Za-z0-9]|$)')
    and (
        length(known.local_id) >= 4
        or contains(told.folded, ${foldedSql('known.family_name')})
        or len(list_filter(told.headings, lambda heading: contains(told.joined, '"' || regexp_replace(heading, '[ -]', '', 'g') || '":"' || replace(known.local_id, '-', '') || '"'))) > 0
    )`

function describeOwner(contract: Contract): { feed: string; owner: string; headings: readonly string[] } {
  const headings = tableNames.flatMap((table) =>
    blocksOf(contract, table).length > 0 ? [columnOf(contract, table, 'local_id') ?? ''] : [],
  )
  return {
    feed: contract.feed,
    owner: ownerOf(contract),
    headings: [...new Set(headings)].filter((heading) => heading !== ''),
  }
}

async function keepTombstones(connection: DuckDBConnection, asOf: string): Promise<void> {
  await run(
    connection,
    'keep tombstones',
    `insert into landing.tombstones
    with
    numbered as (
        -- Every record of the person carries the person's number, so that one given to somebody else is told apart.
        select * replace (coalesce(nhs_number, max(nhs_number) over (partition by person_id)) as nhs_number)
        from leaving_identities
    )
    select distinct
        leaving.withdrawal, ${personDigestSql('leaving.person_id')},
        digests.number_digest, digests.local_digest, digests.names_digest, digests.born_digest, digests.likeness_digest,
        leaving.withdrawn_on, leaving.code, leaving.source, cast($as_of as date), cast(null as date)
    from leaving
    left join (select person_id, ${identityDigestsSql('feed')} from numbered) as digests using (person_id)`,
    { as_of: asOf },
  )
}

async function listAliases(connection: DuckDBConnection): Promise<readonly PersonIds[]> {
  const rows = await query(
    connection,
    'list ids of those who leave',
    'select person_id, list(distinct alias) as aliases from leaving_numbers group by person_id',
  )
  return rows.map((row) => ({ personId: textIn(row, 'person_id'), aliases: listIn(row, 'aliases') }))
}

async function keepReceipt(
  connection: DuckDBConnection,
  { asOf, isArchived }: TakingOut,
  { personId, withdrawal }: Leaving,
  served: VersionRows,
): Promise<void> {
  const [found] = await query(
    connection,
    'list their deliveries',
    `select coalesce(list(distinct delivery order by delivery), []) as deliveries
    from (
        select delivery from leaving_records where person_id = $person
        union all
        select delivery from landing.landed_people join leaving_rows using (delivery, local_id) where person_id = $person
    )`,
    { person: personId },
  )
  const deliveries = listIn(found, 'deliveries')
  const before = {
    landing: await countLanding(connection, personId),
    archive_files: deliveries.filter(isArchived).length,
    ...served,
  }
  await run(
    connection,
    'keep a receipt to be finished',
    `insert into landing.receipts
    select withdrawal, withdrawn_on, code, source, cast($as_of as date), $before, null, from_json($deliveries, '["varchar"]'), false, false
    from leaving
    where withdrawal = $withdrawal`,
    { as_of: asOf, before: JSON.stringify(before), deliveries: JSON.stringify(deliveries), withdrawal },
  )
}

/** Counted, not assumed: what the receipt says of landing is what was found there after the rows were deleted. */
async function countAfter(connection: DuckDBConnection, { personId, withdrawal }: Leaving): Promise<void> {
  const left = await countLanding(connection, personId)
  if (Object.keys(left).length > 0)
    throw new Error(`rows of a person who withdrew were left in ${Object.keys(left).join(', ')}`)
  await run(
    connection,
    'complete a receipt',
    'update landing.receipts set landing_after = $left where withdrawal = $withdrawal',
    {
      left: JSON.stringify(left),
      withdrawal,
    },
  )
}

/** Rows of one person in landing, by table; a table without any is left out. */
async function countLanding(connection: DuckDBConnection, personId: string): Promise<RowsByTable> {
  const counts: Record<string, number> = {}
  for (const { table, where } of await tablesOfPeople(connection)) {
    const [row] = await query(
      connection,
      `count rows of ${table}`,
      `select count(*) as rows from landing.${quoteName(table)} where ${where('and person_id = $person')}`,
      { person: personId },
    )
    if (numberIn(row, 'rows') > 0) counts[table] = numberIn(row, 'rows')
  }
  return counts
}

function listIn(row: Row | undefined, name: string): readonly string[] {
  return row === undefined ? [] : (row[name] as { readonly items: readonly string[] }).items
}

interface TableOfPeople {
  readonly table: string
  /** SQL condition for rows of those who leave; the argument narrows it to one of them. */
  readonly where: (narrower?: string) => string
}

/** Every table of landing that may tell of a person, by the columns that it has: one that is added later is not forgotten. */
async function tablesOfPeople(connection: DuckDBConnection): Promise<readonly TableOfPeople[]> {
  const found = await query(
    connection,
    'list tables of landing',
    `select table_name, list(column_name) as columns_found
    from duckdb_columns()
    where database_name = 'landing' and table_name not in ('deliveries', 'tombstones', 'receipts', 'withdrawals', 'unarchived')
    group by table_name
    order by table_name`,
  )
  return found.flatMap((row) => {
    const columns = new Set(listIn(row, 'columns_found'))
    const where = conditionFor(columns)
    return where === null ? [] : [{ table: textIn(row, 'table_name'), where }]
  })
}

function conditionFor(columns: ReadonlySet<string>): TableOfPeople['where'] | null {
  const has = (...names: readonly string[]): boolean => names.every((name) => columns.has(name))
  const within =
    (key: string, from: string) =>
    (narrower = '') =>
      `(${key}) in (select (${key}) from ${from} where true ${narrower})`
  if (has('delivery', 'local_id')) return within('delivery, local_id', 'leaving_rows')
  if (has('delivery', 'sheet', 'record')) return within('delivery, sheet, record', 'leaving_records')
  if (has('feed', 'local_id')) return within('feed, local_id', 'leaving_numbers')
  if (has('one_feed', 'one_local_id', 'other_feed', 'other_local_id'))
    return (narrower = '') =>
      `(one_feed, one_local_id) in (select (feed, local_id) from leaving_numbers where true ${narrower})
      or (other_feed, other_local_id) in (select (feed, local_id) from leaving_numbers where true ${narrower})`
  if (has('person_id', 'case_ref'))
    return (narrower = '') => `person_id in (select alias from leaving_numbers where true ${narrower})`
  return null
}

async function deleteTheirRows(connection: DuckDBConnection): Promise<void> {
  // A fault of an accepted record names table and row of the file; it goes with the row.
  await run(
    connection,
    'delete faults of their rows',
    `delete from landing.faults
    where (delivery, table_name, record) in (${(await landedTables(connection))
      .map(
        (table) =>
          `select (delivery, '${table}', record) from landing.landed_${table} where (delivery, local_id) in (select (delivery, local_id) from leaving_rows)`,
      )
      .join(' union all ')})`,
  )
  for (const { table, where } of await tablesOfPeople(connection)) {
    await run(connection, `delete from ${table}`, `delete from landing.${quoteName(table)} where ${where()}`)
  }
}

async function landedTables(connection: DuckDBConnection): Promise<readonly string[]> {
  const rows = await query(
    connection,
    'list landed tables',
    `select table_name[8:] as name from duckdb_tables() where database_name = 'landing' and starts_with(table_name, 'landed_')`,
  )
  return rows.map((row) => textIn(row, 'name'))
}
