-- One row per place, service family and reason: people with a gap at the end of the latest month
with

latest as (select max(month) as month from {{ ref('int_months') }}),

measures as (
    select
        counted.place_kind,
        counted.place,
        split_part(counted.breakdown, '|', 1) as service_family,
        split_part(counted.breakdown, '|', 2) as unavailable_reason,
        counted.people,
        counted.record_key_sum
    from {{ ref('measures_monthly') }} as counted
    inner join latest on latest.month = counted.month
    where counted.measure = 'gap_people' and counted.breakdown_kind = 'service_family_reason'
),

final as ({{ published_cell('measures', ['place_kind', 'place', 'service_family', 'unavailable_reason']) }})

select * from final
