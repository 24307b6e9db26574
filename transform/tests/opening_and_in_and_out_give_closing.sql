-- The register's people at the end of a month are those of the month before, and who came, less who left. Counted on two
-- roads: the grid of person and month, and the stretches on the register.
with

months as (select month, month_end from {{ ref('int_months') }}),
grid as (select month from {{ ref('int_person_months') }}),
periods as (select accepted_on, closed_on from {{ ref('int_register_periods') }}),

closing as (
    select months.month, months.month_end, count(grid.month) as people
    from months
    left join grid on grid.month = months.month
    group by months.month, months.month_end
),

compared as (
    select
        closing.month,
        closing.people,
        lag(closing.people) over (order by closing.month) as opening,
        (select count(*) from periods where accepted_on between closing.month and closing.month_end) as came,
        (select count(*) from periods where closed_on between closing.month and closing.month_end) as went
    from closing
)

select * from compared where people <> opening + came - went
