import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { quoteName } from '../../store/openDuckDB.ts'
import { columnOf, type Contract, blocksOf } from '../contract.ts'
import { run } from '../statement.ts'
import type { FaultBook } from './faultBook.ts'
import type { NumberedRaw } from './stageDelivery.ts'

/** Faults that show only where rows are seen together: an event before birth, a row without its person, one number for two. */
export async function findRowFaults(
  connection: DuckDBConnection,
  contract: Contract,
  dictionary: readonly Table[],
  raws: readonly NumberedRaw[],
  faults: FaultBook,
): Promise<void> {
  await run(
    connection,
    'gather birth dates',
    `create or replace temp table births as
    select local_id, min(date_of_birth) as date_of_birth
    from staged_people
    -- A birth in the future is wrong itself: nothing else of the person is before it.
    where local_id is not null and date_of_birth <= getvariable('delivered_on') + 1
    group by local_id`,
  )
  for (const table of dictionary.filter(
    (candidate) => candidate.name !== 'people' && blocksOf(contract, candidate.name as 'people').length > 0,
  )) {
    await findBeforeBirth(connection, contract, table, faults)
    await findOrphans(connection, contract, table, raws, faults)
  }
  await findOthersLocalId(connection, contract, faults)
  await findOthersNhsNumber(connection, contract, faults)
}

async function findBeforeBirth(
  connection: DuckDBConnection,
  contract: Contract,
  table: Table,
  faults: FaultBook,
): Promise<void> {
  const dates = table.fields.filter(
    (field) => field.type === 'date' && columnOf(contract, table.name, field.name) !== null,
  )
  if (dates.length === 0) return
  const cases = dates.map(
    (field) =>
      `case when ${quoteName(field.name)} < births.date_of_birth then ${faults.add(table.name, field.name, columnOf(contract, table.name, field.name) ?? '', 'date_before_birth')} end`,
  )
  const isBefore = dates.map((field) => `${quoteName(field.name)} < births.date_of_birth`).join(' or ')
  await run(
    connection,
    `compare ${table.name} with births`,
    `insert into faults
    select distinct sheet, record, fault
    from (
        select sheet, record, unnest([${cases.join(', ')}]) as fault
        from staged_${table.name}
        join births using (local_id)
        where ${isBefore}
    )
    where fault is not null`,
  )
}

/** Asked only where people stand on another sheet. A person in quarantine is still a person of the file. */
async function findOrphans(
  connection: DuckDBConnection,
  contract: Contract,
  table: Table,
  raws: readonly NumberedRaw[],
  faults: FaultBook,
): Promise<void> {
  // Rows that hang on another feed's people wait for them.
  if (contract.people_of !== undefined) return
  const peopleSheets = blocksOf(contract, 'people').map((block) => block.sheet ?? '')
  const elsewhere = raws.filter((raw) => !peopleSheets.includes(raw.sheet)).map((raw) => raw.number)
  if (elsewhere.length === 0) return
  const fault = faults.add(
    table.name,
    'local_id',
    columnOf(contract, table.name, 'local_id') ?? '',
    'parent_row_missing',
  )
  await run(
    connection,
    `find ${table.name} without a person`,
    `insert into faults
    select distinct sheet, record, ${fault} as fault
    from staged_${table.name}
    anti join staged_people using (local_id)
    where sheet in (${elsewhere.join(', ')}) and local_id is not null`,
  )
}

/** Several records of one person are fine (long files); a number that first meant somebody else is not. */
async function findOthersLocalId(connection: DuckDBConnection, contract: Contract, faults: FaultBook): Promise<void> {
  const fault = faults.add(
    'people',
    'local_id',
    columnOf(contract, 'people', 'local_id') ?? '',
    'local_id_of_another_person',
  )
  await run(
    connection,
    'compare people of one number',
    `insert into faults
    with
    firsts as (
        select local_id, arg_min(nhs_number, record) as nhs_number, arg_min(date_of_birth, record) as date_of_birth
        from staged_people
        group by local_id
        having count(*) > 1
    )
    select distinct people.sheet, people.record, ${fault} as fault
    from staged_people as people
    join firsts on firsts.local_id = people.local_id
    where people.nhs_number <> firsts.nhs_number or people.date_of_birth <> firsts.date_of_birth`,
  )
}

/**
 * Two of an agency's people with one NHS number, another name and another birth date: one of the rows is wrong, and the
 * file does not say which. As with a local number, it stays with the record that had it first; the later one is held
 * back and the first is flagged, so that the agency looks at both. Other agencies are not asked who is right: a verdict
 * that rests on the file alone is the same whatever arrived before, and the same in `dsr check`, which holds no key.
 */
async function findOthersNhsNumber(connection: DuckDBConnection, contract: Contract, faults: FaultBook): Promise<void> {
  const column = columnOf(contract, 'people', 'nhs_number')
  if (column === null) return
  const later = faults.add('people', 'nhs_number', column, 'nhs_number_of_another_person')
  const first = faults.add('people', 'nhs_number', column, 'nhs_number_also_of_another')
  const folded = (name: string): string =>
    `regexp_replace(lower(strip_accents(coalesce(${name}, ''))), '[^a-z]', '', 'g')`
  await run(
    connection,
    'compare people of one NHS number',
    `insert into faults
    with
    shared as (
        select nhs_number from staged_people where nhs_number is not null
        group by nhs_number
        having min(date_of_birth) <> max(date_of_birth)
    ),
    claims as (
        select
            sheet, record, local_id, nhs_number, date_of_birth,
            ${folded('family_name')} || ' ' || ${folded('given_name')} as name
        from staged_people
        semi join shared using (nhs_number)
    ),
    firsts as (select * from claims qualify row_number() over (partition by nhs_number order by sheet, record) = 1),
    others as (
        select claims.sheet, claims.record, firsts.sheet as first_sheet, firsts.record as first_record
        from claims
        join firsts using (nhs_number)
        where claims.local_id <> firsts.local_id
            and claims.date_of_birth <> firsts.date_of_birth
            and claims.name <> firsts.name
    )
    select sheet, record, ${later} as fault from others
    union
    select first_sheet, first_record, ${first} from others`,
  )
}
