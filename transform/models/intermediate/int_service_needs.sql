-- One row per person, service and need for it, as the newest delivery tells it
with

settings as (select as_of from {{ ref('int_settings') }}),

actions as (
    select
        pseudonym, row_id, delivered_on, service_code, raised_date, need_date, state, unavailable_reason, done_date
    from {{ ref('stg_register__actions') }}
    where service_code is not null
),

final as (
    select
        actions.pseudonym,
        actions.row_id as need_id,
        actions.service_code,
        coalesce(actions.need_date, actions.raised_date, actions.delivered_on, settings.as_of) as needed_since,
        case when actions.done_date <= settings.as_of then actions.done_date end as met_on,
        actions.state,
        actions.unavailable_reason
    from actions
    cross join settings
    qualify row_number() over (
        partition by actions.pseudonym, actions.service_code, actions.raised_date, actions.need_date
        order by
            actions.delivered_on desc nulls last,
            case actions.state when 'unavailable' then 1 when 'refused' then 2 when 'waiting' then 3 when 'requested' then 4 else 5 end,
            actions.row_id
    ) = 1
)

select * from final
