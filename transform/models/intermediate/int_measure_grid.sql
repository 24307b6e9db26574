-- One row per measure, month, place and breakdown that has an answer, nought included
with

settings as (select value as icbs from {{ ref('stg_reference__settings') }} where name = 'icbs'),
months as (select month from {{ ref('int_months') }}),
codes as (select list, code from {{ ref('stg_reference__codes') }}),
services as (select code, family from {{ ref('stg_reference__services') }}),
organisations as (select code, kind from {{ ref('stg_reference__organisations') }}),

places as (
    select 'all' as place_kind, 'all' as place
    union all
    select 'icb', organisations.code
    from organisations
    cross join settings
    where organisations.kind = 'icb' and ',' || settings.icbs || ',' like '%,' || organisations.code || ',%'
),

ratings as (
    select 'none' as breakdown_kind, 'all' as breakdown
    union all
    select 'rating', code from codes where list = 'rating_groups'
),

breakdowns as (
    select 'people' as measure, breakdown_kind, breakdown from ratings
    union all
    select 'overdue', breakdown_kind, breakdown from ratings
    union all
    select 'theme_people', 'theme', code from codes where list = 'themes'
    union all
    select 'gap_people', 'service', code from services
    union all
    select 'gap_people', 'service_family_reason', families.family || '|' || codes.code
    from (select distinct family from services) as families
    cross join codes
    where codes.list = 'unavailable_reasons'
),

final as (
    select
        breakdowns.measure,
        months.month,
        places.place_kind,
        places.place,
        breakdowns.breakdown_kind,
        breakdowns.breakdown
    from breakdowns
    cross join months
    cross join places
)

select * from final
