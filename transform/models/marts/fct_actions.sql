-- One row per line of an action plan, as an agency recorded it
with

settings as (select as_of from {{ ref('int_settings') }}),

actions as (
    select
        row_id, pseudonym, feed_agency, delivered_on, raised_date, service_code, current_or_potential, need_date, state,
        unavailable_reason, owner_agency, due_date, done_date
    from {{ ref('stg_register__actions') }}
),

final as (
    select
        actions.row_id as action_id,
        actions.pseudonym,
        actions.feed_agency,
        actions.service_code,
        actions.current_or_potential,
        actions.state,
        actions.unavailable_reason,
        actions.owner_agency,
        actions.raised_date as raised_on,
        coalesce(actions.need_date, actions.raised_date, actions.delivered_on) as needed_since,
        actions.due_date as due_on,
        actions.done_date as done_on,
        cast(
            greatest(
                date_diff(
                    'day',
                    coalesce(actions.need_date, actions.raised_date, actions.delivered_on),
                    coalesce(actions.done_date, settings.as_of)
                ), 0
            ) as integer
        ) as days_waited,
        actions.state not in ('in_place', 'done') and actions.done_date is null as is_open,
        coalesce(
            actions.state not in ('in_place', 'done') and actions.done_date is null and actions.due_date < settings.as_of, false
        ) as is_overdue
    from actions
    cross join settings
)

select * from final
