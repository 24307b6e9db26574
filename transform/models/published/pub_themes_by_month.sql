-- One row per month, place and theme: people who have it at the month's end
with

measures as (
    select month, place_kind, place, breakdown as theme_code, people, record_key_sum
    from {{ ref('measures_monthly') }}
    where measure = 'theme_people' and breakdown_kind = 'theme'
),

final as ({{ published_cell('measures', ['month', 'place_kind', 'place', 'theme_code']) }})

select * from final
