-- One row per month, place and rating: people on the register at the month's end
with

measures as (
    select month, place_kind, place, breakdown as rating, people, record_key_sum
    from {{ ref('measures_monthly') }}
    where measure = 'people' and breakdown_kind in ('none', 'rating') and breakdown <> 'not_rated'
),

final as ({{ published_cell('measures', ['month', 'place_kind', 'place', 'rating']) }})

select * from final
