-- Each month and place: the people of every rating, and those without one, are the people.
with

counted as (
    select measure, month, place, breakdown_kind, people
    from {{ ref('measures_monthly') }}
    where measure in ('people', 'overdue')
)

select
    measure,
    month,
    place
from counted
group by measure, month, place
having
    sum(case when breakdown_kind = 'none' then people end)
    <> sum(case when breakdown_kind = 'rating' then people end)
