-- One row per person and hospital spell: stays that overlap or touch are one, whoever reported them
with

settings as (select as_of from {{ ref('int_settings') }}),

reported as (
    select
        pseudonym, false as is_statutory_only, feed, delivered_on, row_id, admitted, discharged, age_band, planned, source, bed_type,
        mha_code, ward_security, on_register_before_stated, planned_discharge_date, delay_reasons, destination, distance_km
    from {{ ref('stg_register__admissions') }}
    union all
    select
        pseudonym, true, feed, delivered_on, row_id, admitted, discharged, age_band, planned, source, bed_type,
        mha_code, ward_security, on_register_before_stated, planned_discharge_date, delay_reasons, destination, distance_km
    from {{ ref('stg_register__statutory_admissions') }}
),

-- Moved on within the day of admission: the stay that follows is told by the same feed and says how long it lasted.
moved_on as (
    select pseudonym, feed, admitted
    from reported
    where discharged > admitted or discharged is null
    group by pseudonym, feed, admitted
),

-- Two feeds tell of one stay: a recorded discharge comes before none, then the newest delivery.
stays as (
    select
        reported.pseudonym, reported.is_statutory_only, reported.admitted, reported.age_band, reported.planned, reported.source,
        reported.bed_type, reported.mha_code, reported.ward_security, reported.on_register_before_stated,
        reported.planned_discharge_date, reported.delay_reasons, reported.destination, reported.distance_km,
        case when reported.discharged <= settings.as_of then reported.discharged end as discharged_on
    from reported
    cross join settings
    left join moved_on
        on
            moved_on.pseudonym = reported.pseudonym
            and moved_on.feed = reported.feed
            and moved_on.admitted = reported.admitted
            and reported.discharged = reported.admitted
    -- A discharge before its admission is listed in quality_discharged_before_admitted.
    where
        reported.admitted <= settings.as_of
        and (reported.discharged is null or reported.discharged >= reported.admitted)
        and moved_on.pseudonym is null
    qualify row_number() over (
        partition by reported.pseudonym, reported.admitted
        order by
            case when reported.discharged is null then 1 else 0 end,
            reported.delivered_on desc nulls last,
            reported.row_id,
            reported.is_statutory_only
    ) = 1
),

covered as (
    select
        pseudonym,
        admitted,
        max(coalesce(discharged_on, date '9999-12-30')) over (
            partition by pseudonym order by admitted rows between unbounded preceding and 1 preceding
        ) as covered_until
    from stays
),

numbered as (
    select
        pseudonym,
        admitted,
        sum(case when admitted <= {{ add_days('covered_until', 1) }} then 0 else 1 end) over (
            partition by pseudonym order by admitted rows unbounded preceding
        ) as spell
    from covered
),

placed as (
    select
        pseudonym,
        admitted,
        spell,
        row_number() over (partition by pseudonym, spell order by admitted) = 1 as is_first,
        row_number() over (partition by pseudonym, spell order by admitted desc) = 1 as is_last
    from numbered
),

final as (
    select
        stays.pseudonym,
        min(stays.admitted) as admitted_on,
        case when count(*) = count(stays.discharged_on) then max(stays.discharged_on) end as discharged_on,
        cast(count(*) as integer) as stays,
        bool_and(stays.is_statutory_only) as is_statutory_only,
        bool_or(stays.on_register_before_stated) as is_known_stated,
        max(case when placed.is_first then stays.age_band end) as age_band,
        max(case when placed.is_first then stays.planned end) as planned,
        max(case when placed.is_first then stays.source end) as source,
        max(case when placed.is_first then stays.bed_type end) as bed_type,
        max(case when placed.is_first then stays.mha_code end) as mha_code,
        max(case when placed.is_first then stays.ward_security end) as ward_security,
        max(case when placed.is_last then stays.ward_security end) as last_ward_security,
        max(case when placed.is_last then stays.planned_discharge_date end) as planned_discharge_on,
        coalesce(bool_or(placed.is_last and len(stays.delay_reasons) > 0), false) as is_delayed,
        max(case when placed.is_last then stays.destination end) as destination,
        max(case when placed.is_last then stays.distance_km end) as distance_km
    from stays
    inner join placed on placed.pseudonym = stays.pseudonym and placed.admitted = stays.admitted
    group by stays.pseudonym, placed.spell
)

select * from final
