import type { DuckDBConnection } from '@duckdb/node-api'
import type { Table } from '../../register/readDictionary.ts'
import { numberIn, query, textIn } from '../statement.ts'

export interface RegisterCounts {
  /** People past the consent gate. */
  readonly people: number
  /** People kept off the register, by reason. */
  readonly excluded: Readonly<Record<string, number>>
  /** People known only to a commissioning feed. */
  readonly statutoryOnly: number
  /** Accepted rows that wait for their person, whose own row is in quarantine. */
  readonly waitingRows: number
  /** People of a feed of whom an earlier delivery stays in force, because their newest record was set aside. */
  readonly heldOver: number
}

/** What the register holds, in numbers. */
export async function countPeople(connection: DuckDBConnection, dictionary: readonly Table[]): Promise<RegisterCounts> {
  const waiting = dictionary
    .filter((table) => table.name !== 'people')
    .map(
      (table) => `(select count(*) from landing.landed_${table.name} as landed
        join ranked_deliveries as deliveries on deliveries.delivery = landed.delivery and deliveries.is_in_force
        left join holding on holding.feed = deliveries.feed and holding.local_id = landed.local_id
        left join (select distinct feed, local_id from node_persons) as persons on persons.feed = deliveries.owner and persons.local_id = landed.local_id
        where holding.rank is null or holding.rank < deliveries.rank or persons.local_id is null)`,
    )
  const [row] = await query(
    connection,
    'count people',
    `select
        (select count(*) from register.persons) as people,
        (select count(distinct person_id) from register.statutory_admissions) as statutory_only,
        (select count(*) from holding where is_held_over) as held_over,
        ${waiting.join(' + ')} as waiting_rows`,
  )
  const exclusions = await query(
    connection,
    'count exclusions',
    'select reason, people from register.exclusions order by reason',
  )
  return {
    people: numberIn(row, 'people'),
    excluded: Object.fromEntries(exclusions.map((one) => [textIn(one, 'reason'), numberIn(one, 'people')])),
    statutoryOnly: numberIn(row, 'statutory_only'),
    waitingRows: numberIn(row, 'waiting_rows'),
    heldOver: numberIn(row, 'held_over'),
  }
}
