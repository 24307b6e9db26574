-- One row per person, service and month from need to met: how the need stood at the month's end
with

settings as (select gap_days from {{ ref('int_settings') }}),
grid as (select pseudonym, service_code, month, month_end from {{ ref('int_service_need_months') }}),

needs as (
    select pseudonym, need_id, service_code, needed_since, met_on, state, unavailable_reason
    from {{ ref('int_service_needs') }}
),

-- Agencies tell the present state only: until the day it was met, a need stood as it stands or stood last.
filled as (
    select
        grid.pseudonym,
        grid.service_code,
        grid.month,
        grid.month_end,
        needs.need_id,
        needs.needed_since,
        needs.unavailable_reason,
        case
            when needs.met_on <= grid.month_end or (needs.state = 'in_place' and needs.met_on is null) then 'met'
            when needs.state = 'done' and needs.met_on is null then 'not_recorded'
            when needs.state in ('refused', 'unavailable') then needs.state
            else 'waiting'
        end as state
    from grid
    left join needs
        on
            needs.pseudonym = grid.pseudonym
            and needs.service_code = grid.service_code
            and needs.needed_since <= grid.month_end
            and coalesce(needs.met_on, date '9999-12-31') >= grid.month
),

-- Several needs for one service: the worst stands for the month, and the oldest that is unmet gives the wait.
ranked as (
    select
        pseudonym,
        service_code,
        month,
        month_end,
        state,
        unavailable_reason,
        min(case when state in ('waiting', 'refused', 'unavailable') then needed_since end) over of_need as unmet_since,
        min(needed_since) over of_need as needed_since,
        row_number() over (
            partition by pseudonym, service_code, month
            order by
                case state when 'unavailable' then 1 when 'refused' then 2 when 'waiting' then 3 when 'not_recorded' then 4 else 5 end,
                needed_since,
                need_id
        ) as number
    from filled
    window of_need as (partition by pseudonym, service_code, month)
),

final as (
    select
        ranked.pseudonym,
        ranked.service_code,
        ranked.month,
        ranked.state,
        case when ranked.unmet_since is not null then ranked.unavailable_reason end as unavailable_reason,
        coalesce(ranked.unmet_since, ranked.needed_since) as needed_since,
        coalesce(date_diff('day', ranked.unmet_since, ranked.month_end) >= settings.gap_days, false) as is_gap
    from ranked
    cross join settings
    where ranked.number = 1
)

select * from final
