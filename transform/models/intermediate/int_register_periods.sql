-- One row per person and stretch on the register, whichever agencies' entries say so
with

settings as (select as_of from {{ ref('int_settings') }}),
people as (select pseudonym, deceased_date from {{ ref('stg_register__people') }}),

entries as (
    select
        pseudonym,
        register_scope,
        decision,
        accepted_date,
        referral_date,
        triage_date,
        delivered_on,
        closed_date
    from {{ ref('stg_register__entries') }}
),

-- An accepted entry without any date counts from the delivery that told of it: no one drops off the list in silence.
accepted as (
    select
        entries.pseudonym,
        entries.register_scope,
        coalesce(
            entries.accepted_date, entries.referral_date, entries.triage_date, entries.delivered_on, settings.as_of
        ) as accepted_on,
        least(entries.closed_date, people.deceased_date) as closed_on,
        settings.as_of
    from entries
    inner join people on people.pseudonym = entries.pseudonym
    cross join settings
    where entries.decision = 'accepted' or (entries.decision is null and entries.accepted_date is not null)
),

-- Two agencies tell of one entry: the one that knows of its closing is right.
stretches as (
    select
        pseudonym,
        accepted_on,
        max(case when closed_on <= as_of then closed_on end) as closed_on
    from accepted
    where accepted_on <= as_of
    group by pseudonym, accepted_on, register_scope
),

numbered as (
    select
        pseudonym,
        accepted_on,
        closed_on,
        max(coalesce(closed_on, date '9999-12-31')) over (
            partition by pseudonym order by accepted_on, closed_on
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from stretches
    where closed_on is null or closed_on > accepted_on
),

joined as (
    select
        pseudonym,
        accepted_on,
        closed_on,
        sum(case when accepted_on <= covered_until then 0 else 1 end) over (
            partition by pseudonym order by accepted_on, closed_on rows unbounded preceding
        ) as stretch
    from numbered
),

merged as (
    select
        pseudonym,
        min(accepted_on) as accepted_on,
        case when count(*) = count(closed_on) then max(closed_on) end as closed_on
    from joined
    group by pseudonym, stretch
),

final as (
    select
        pseudonym,
        accepted_on,
        closed_on,
        lag(closed_on) over (partition by pseudonym order by accepted_on) as previous_closed_on
    from merged
)

select * from final
