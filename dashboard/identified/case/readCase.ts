import type { Row, VersionData } from '../openVersions.ts'
import type { FoundCase } from './findCase.ts'

/** Everything one case page shows, as rows; the page's words are made from them by viewModel.ts. */
export interface CaseRows {
  readonly asOf: string
  readonly person: Row
  readonly next: Row | null
  readonly agencies: readonly Row[]
  readonly disagreements: readonly Row[]
  readonly entries: readonly Row[]
  readonly consents: readonly Row[]
  readonly professionals: readonly Row[]
  readonly ratings: readonly Row[]
  readonly reviews: readonly Row[]
  readonly issues: readonly Row[]
  readonly themes: readonly Row[]
  readonly strategies: readonly Row[]
  readonly suggestions: readonly Row[]
  readonly actions: readonly Row[]
  readonly cetrs: readonly Row[]
  readonly admissions: readonly Row[]
  readonly escalations: readonly Row[]
  readonly safety: readonly Row[]
  readonly timeline: readonly Row[]
}

// An address that any agency calls sensitive, and whatever else would lead to the place, never leaves the register: the
// query withholds it, not the template (security.md IG-09, AZ-03).
const person = `
    with flagged as (
        select coalesce(bool_or(address_sensitive), false) as is_sensitive
        from (
            select address_sensitive from register.main.agency_records where person_id = $person_id
            union all
            select address_sensitive from register.main.people where person_id = $person_id
        )
    )
    select
        people.given_name,
        people.preferred_name,
        people.family_name,
        people.other_names,
        people.date_of_birth,
        people.sex_code,
        people.ethnic_code,
        people.ld_status,
        people.autism_status,
        people.other_diagnoses,
        people.communication_needs,
        people.reasonable_adjustments,
        people.interpreter,
        people.accommodation_code,
        people.ehcp,
        people.looked_after,
        people.responsible_icb_ods,
        people.responsible_utla_gss,
        people.deceased_date,
        flagged.is_sensitive,
        case when not flagged.is_sensitive then people.address_lines end as address_lines,
        case when not flagged.is_sensitive then people.postcode end as postcode,
        case when not flagged.is_sensitive then people.phone end as phone,
        case when not flagged.is_sensitive then people.gp_ods end as gp_ods,
        case when not flagged.is_sensitive then people.education_setting end as education_setting,
        case when not flagged.is_sensitive then people.residence_utla_gss end as residence_utla_gss,
        case when not flagged.is_sensitive then people.host_icb_ods end as host_icb_ods,
        coalesce(persons.nhs_number, people.nhs_number) as nhs_number,
        persons.consent_basis,
        persons.consent_state,
        persons.consent_decided_on
    from register.main.people as people
    join register.main.persons as persons on persons.person_id = people.person_id
    cross join flagged
    where people.person_id = $person_id`

const agencies = `
    with
    said as (
        select feed, feed_agency, referral_date as said_on from register.main.entries where person_id = $person_id
        union all select feed, feed_agency, decision_date from register.main.consents where person_id = $person_id
        union all select feed, feed_agency, from_date from register.main.professionals where person_id = $person_id
        union all select feed, feed_agency, effective_from from register.main.ratings where person_id = $person_id
        union all select feed, feed_agency, held_on from register.main.reviews where person_id = $person_id
        union all select feed, feed_agency, noted_date from register.main.issues where person_id = $person_id
        union all select feed, feed_agency, date from register.main.strategies where person_id = $person_id
        union all select feed, feed_agency, date from register.main.suggestions where person_id = $person_id
        union all select feed, feed_agency, raised_date from register.main.actions where person_id = $person_id
        union all select feed, feed_agency, held_on from register.main.cetrs where person_id = $person_id
        union all select feed, feed_agency, admitted from register.main.admissions where person_id = $person_id
        union all select feed, feed_agency, date from register.main.escalations where person_id = $person_id
        union all select feed, feed_agency, null from register.main.agency_records where person_id = $person_id
    ),
    known as (
        select feed, any_value(feed_agency) as agency_kind, min(said_on) as known_since, max(said_on) as last_said_on
        from said
        group by feed
    )
    select known.feed, known.agency_kind, known.known_since, known.last_said_on, feeds.agency_name, feeds.delivered_on
    from known
    left join register.main.feeds as feeds on feeds.feed = known.feed
    order by known.known_since nulls last, known.feed`

// What agencies say of an address stays out when any of them calls it sensitive, like the address itself.
const disagreements = `
    select disagreements.field, disagreements.feed, disagreements.value, disagreements.recorded_on
    from register.main.disagreements as disagreements
    where disagreements.person_id = $person_id
        and disagreements.field <> 'address_sensitive'
        and (
            disagreements.field not in (
                'address_lines', 'postcode', 'phone', 'lsoa21', 'gp_ods', 'education_setting', 'residence_utla_gss', 'host_icb_ods'
            )
            or not exists (
                from register.main.agency_records
                where person_id = $person_id and address_sensitive
            )
        )
    order by disagreements.field, disagreements.recorded_on desc nulls last, disagreements.feed`

const next = `
    select
        rating, rating_since, accepted_on, last_review_on, due_on, due_because, due_from_on, due_rating,
        days_overdue::integer as days_overdue, is_overdue, is_never_reviewed, quiet_since, is_inpatient
    from warehouse.marts.mart_worklist
    where pseudonym = $pseudonym`

const themes = `
    select theme_code, coded_from, first_seen_on, last_seen_on, ended_on
    from warehouse.marts.fct_theme_periods
    where pseudonym = $pseudonym and (ended_on is null or ended_on > $as_of::date)
    order by first_seen_on, theme_code, coded_from`

const timeline = `
    select happened_on, ended_on, event, detail, detail_list
    from warehouse.marts.mart_timeline
    where pseudonym = $pseudonym
    order by happened_on desc nulls last, event, detail`

/** The columns of each table that the page shows, and the order of its rows (newest first where nothing else is said). */
const blocks = {
  entries: {
    columns:
      'register_scope, referral_date, referrer_role, referral_reason, indicative_rating, triage_date, decision, rejection_reason, accepted_date, closed_date, closure_reason, keyworker, escalation_level',
    order: 'referral_date desc nulls last',
  },
  consents: {
    columns:
      'basis, given_by_role, decision_date, capacity_assessed_date, assessor_role, best_interest_date, deputy_or_order, review_due, withdrawn_date, refused_date, evidence_reference',
    order: 'decision_date desc nulls last',
  },
  professionals: {
    columns:
      'name, role, agency_kind, agency_name, phone, email, is_lead, is_keyworker, is_advocate, advocate_type, from_date, to_date, last_contact',
    order: 'is_lead desc nulls last, is_keyworker desc nulls last, name',
  },
  ratings: {
    columns: 'rating, effective_from, tool, score, set_by_role, reason',
    order: 'effective_from desc nulls last',
  },
  reviews: { columns: 'held_on, kind, attendee_agencies, summary, next_due_stated', order: 'held_on desc nulls last' },
  issues: {
    columns: 'noted_date, relates_to, note, theme_code, ended_date',
    order: 'ended_date is not null, noted_date desc nulls last',
  },
  strategies: {
    columns: 'date, note, strategy_code, positive, outcome',
    // What adds to a good life comes first (register description: positive strategies).
    order: 'positive desc nulls last, date desc nulls last',
  },
  suggestions: { columns: 'date, note, strategy_code, service_code', order: 'date desc nulls last' },
  actions: {
    columns:
      'raised_date, description, service_code, current_or_potential, need_date, state, unavailable_reason, owner_name, owner_agency, due_date, done_date',
    order: `
      (coalesce(due_date < $as_of::date, false) and done_date is null and state <> 'done') desc,
      (done_date is not null or state = 'done'),
      due_date nulls last, raised_date nulls last`,
  },
  cetrs: {
    columns: 'kind, due_date, held_on, outcome, recommendations, recommendations_done',
    order: 'coalesce(held_on, due_date) desc nulls first',
  },
  admissions: {
    columns:
      'admitted, discharged, provider_ods, ward_security, bed_type, mha_code, planned, source, reasons, planned_discharge_date, delay_reasons, destination',
    order: 'admitted desc nulls last',
  },
  escalations: { columns: 'date, level, forum, reason, outcome, closed_date', order: 'date desc nulls last' },
  safety: { columns: 'crisis_plan_date, safeguarding_open, restrictions', order: 'crisis_plan_date desc nulls last' },
} as const

type Block = keyof typeof blocks

/** Reads one person's case. The caller has decided that the visitor may, and has recorded it. */
export async function readCase(data: VersionData, { personId, pseudonym }: FoundCase): Promise<CaseRows> {
  const ofPerson = { person_id: personId }
  const ofPseudonym = { pseudonym }
  const asOf = data.asOf
  const [personRow] = await data.rows(person, ofPerson)
  const [nextRow] = await data.rows(next, ofPseudonym)
  const read: Partial<Record<Block, readonly Row[]>> = {}
  for (const name of Object.keys(blocks) as Block[]) read[name] = await readBlock(data, name, personId)
  return {
    asOf,
    person: personRow ?? {},
    next: nextRow ?? null,
    agencies: await data.rows(agencies, ofPerson),
    disagreements: await data.rows(disagreements, ofPerson),
    themes: await data.rows(themes, { pseudonym, as_of: asOf }),
    timeline: await data.rows(timeline, ofPseudonym),
    ...(read as Record<Block, readonly Row[]>),
  }
}

/** Two agencies that said the very same make one row that names both. Table and columns are ours, never a visitor's. */
function readBlock(data: VersionData, name: Block, personId: string): Promise<readonly Row[]> {
  const { columns, order } = blocks[name]
  const needsDay = (order as string).includes('$as_of')
  const sql = `
    select ${columns}, list(distinct feed order by feed) as feeds
    from register.main.${name}
    where person_id = $person_id
    group by ${columns}
    order by ${order}, feeds`
  return data.rows(sql, { person_id: personId, ...(needsDay ? { as_of: data.asOf } : {}) })
}
