-- One row per measure, month, place and breakdown: the exact number of people
with

grid as (
    select measure, month, place_kind, place, breakdown_kind, breakdown
    from {{ ref('int_measure_grid') }}
),

counted as (
    select measure, month, breakdown_kind, breakdown, record_key, responsible_icb_ods
    from {{ ref('int_people_counted') }}
),

totals as (
    select
        measure, month, 'icb' as place_kind, responsible_icb_ods as place, breakdown_kind, breakdown,
        count(*) as people, sum(record_key) as record_keys
    from counted
    group by measure, month, responsible_icb_ods, breakdown_kind, breakdown
    union all
    select
        measure, month, 'all', 'all', breakdown_kind, breakdown,
        count(*), sum(record_key)
    from counted
    group by measure, month, breakdown_kind, breakdown
),

filled as (
    select
        grid.measure,
        grid.month,
        grid.place_kind,
        grid.place,
        grid.breakdown_kind,
        grid.breakdown,
        cast(coalesce(totals.people, 0) as integer) as people,
        cast(coalesce(totals.record_keys, 0) % 256 as integer) as record_key_sum
    from grid
    left join totals
        on
            totals.measure = grid.measure
            and totals.month = grid.month
            and totals.place_kind = grid.place_kind
            and totals.place = grid.place
            and totals.breakdown_kind = grid.breakdown_kind
            and totals.breakdown = grid.breakdown
),

final as (
    select
        filled.measure,
        filled.month,
        filled.place_kind,
        filled.place,
        filled.breakdown_kind,
        filled.breakdown,
        filled.people,
        of_whom.people as out_of,
        filled.record_key_sum
    from filled
    -- People overdue are out of the people of that rating; people with a theme or a gap out of all on the register.
    left join filled as of_whom
        on
            of_whom.measure = case when filled.measure <> 'people' then 'people' end
            and of_whom.month = filled.month
            and of_whom.place_kind = filled.place_kind
            and of_whom.place = filled.place
            and of_whom.breakdown = case when filled.measure = 'overdue' then filled.breakdown else 'all' end
)

select * from final
