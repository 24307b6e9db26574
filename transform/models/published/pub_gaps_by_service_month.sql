-- One row per month, place and service: people who have waited too long for it at the month's end
with

measures as (
    select month, place_kind, place, breakdown as service_code, people, record_key_sum
    from {{ ref('measures_monthly') }}
    where measure = 'gap_people' and breakdown_kind = 'service'
),

final as ({{ published_cell('measures', ['month', 'place_kind', 'place', 'service_code']) }})

select * from final
