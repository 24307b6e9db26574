-- One row per month, place, rating and measure: people on the register, and those of them whose review is overdue
with

measures as (
    select month, place_kind, place, breakdown as rating, measure, people, record_key_sum
    from {{ ref('measures_monthly') }}
    where measure in ('people', 'overdue') and breakdown_kind in ('none', 'rating') and breakdown <> 'not_rated'
),

final as ({{ published_cell('measures', ['month', 'place_kind', 'place', 'rating', 'measure']) }})

select * from final
