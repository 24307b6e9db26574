import type { Row, VersionData } from '../openVersions.ts'

export const worklistStates = ['overdue', 'due_14', 'never'] as const
export type WorklistState = (typeof worklistStates)[number]

export interface WorklistFilter {
  /** The visitor's places, or those of them that were chosen; none means no rows. */
  readonly places: readonly string[]
  readonly rating: string | null
  readonly state: WorklistState | null
  /** Cases that nobody is shown any more. */
  readonly sealed: readonly string[]
  /** From 1. */
  readonly page: number
}

export interface Worklist {
  readonly rows: readonly Row[]
  /** People in the places and of the rating chosen: how many, and how many in each state. */
  readonly totals: Row
}

export const pageSize = 50

// Places come first and are never left out: the list is narrowed to nothing by default (design.md 11).
const chosen = `
    from warehouse.marts.mart_worklist as worklist
    join register.main.pseudonyms as pseudonyms on pseudonyms.pseudonym = worklist.pseudonym
    join register.main.persons as persons on persons.person_id = pseudonyms.person_id
    join register.main.people as people on people.person_id = pseudonyms.person_id
    where list_contains($places::varchar[], worklist.responsible_icb_ods)
        and not list_contains($sealed::varchar[], persons.case_ref)
        and ($rating::varchar is null or worklist.rating = $rating)`

const listed = `
    select
        persons.case_ref,
        people.given_name,
        people.preferred_name,
        people.family_name,
        people.date_of_birth,
        worklist.rating,
        worklist.rating_since,
        worklist.responsible_icb_ods,
        worklist.residence_utla_gss,
        worklist.accepted_on,
        worklist.due_on,
        worklist.due_because,
        worklist.due_from_on,
        worklist.due_rating,
        worklist.days_overdue::integer as days_overdue,
        worklist.is_overdue,
        worklist.is_never_reviewed,
        worklist.quiet_since,
        worklist.consent_state,
        persons.grace_ends_on,
        worklist.is_inpatient,
        worklist.actions_overdue::integer as actions_overdue,
        worklist.disagreements::integer as disagreements
    ${chosen}
        and (
            $state::varchar is null
            or ($state = 'overdue' and worklist.is_overdue)
            or ($state = 'due_14' and worklist.is_due_in_14_days)
            or ($state = 'never' and worklist.is_never_reviewed)
        )
    order by
        worklist.is_overdue desc,
        -- No date at all is not a reason to be last: silence must not look like safety.
        worklist.days_overdue desc nulls first,
        case worklist.rating when 'red' then 1 when 'amber' then 2 when 'green' then 3 when 'blue' then 4 else 0 end,
        persons.case_ref
    limit ${pageSize} offset $skipped`

const counted = `
    select
        count(*)::integer as people,
        (count(*) filter (where worklist.is_overdue))::integer as overdue,
        (count(*) filter (where worklist.is_due_in_14_days))::integer as due_14,
        (count(*) filter (where worklist.is_never_reviewed))::integer as never
    ${chosen}`

/** One page of the worklist: overdue first, by days overdue, then by rating. Names leave the register only here. */
export async function readWorklist(data: VersionData, filter: WorklistFilter): Promise<Worklist> {
  const { places, rating, state, sealed, page } = filter
  const [totals = {}] = await data.rows(counted, { places, rating, sealed })
  const rows = await data.rows(listed, { places, rating, state, sealed, skipped: (page - 1) * pageSize })
  return { rows, totals }
}
