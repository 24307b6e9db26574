-- One row per person and hospital spell: stays that overlap or touch are one, whoever reported them
with

settings as (select as_of from {{ ref('int_settings') }}),

reported as (
    select
        pseudonym, false as is_statutory_only, delivered_on, row_id, admitted, discharged, age_band, planned, source, bed_type,
        mha_code, ward_security, on_register_before_stated, planned_discharge_date, delay_reasons, destination, distance_km
    from {{ ref('stg_register__admissions') }}
    union all
    select
        pseudonym, true, delivered_on, row_id, admitted, discharged, age_band, planned, source, bed_type,
        mha_code, ward_security, on_register_before_stated, planned_discharge_date, delay_reasons, destination, distance_km
    from {{ ref('stg_register__statutory_admissions') }}
),

-- Two feeds tell of one stay: a recorded discharge comes before none, then the newest delivery.
stays as (
    select
        pseudonym, is_statutory_only, admitted, age_band, planned, source, bed_type, mha_code, ward_security,
        on_register_before_stated, planned_discharge_date, delay_reasons, destination, distance_km,
        case when discharged <= settings.as_of then discharged end as discharged_on
    from reported
    cross join settings
    -- A discharge before its admission is listed in quality_discharged_before_admitted.
    where admitted <= settings.as_of and (discharged is null or discharged >= admitted)
    qualify row_number() over (
        partition by pseudonym, admitted
        order by case when discharged is null then 1 else 0 end, delivered_on desc nulls last, row_id, is_statutory_only
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
