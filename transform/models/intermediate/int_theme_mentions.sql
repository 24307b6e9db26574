-- One row per person, theme and day on which it was named
with

settings as (select as_of from {{ ref('int_settings') }}),
issues as (select row_id, pseudonym, noted_date, delivered_on, theme_code, ended_date from {{ ref('stg_register__issues') }}),

notes as (
    select
        pseudonym, noted_on, code, coded_from,
        -- As a column: beside the key in the join this would make it a comparison of every pair.
        case when from_table = 'issues' then from_row_id end as issue_id
    from {{ ref('stg_register__coded_notes') }}
    where kind = 'theme'
),

-- A note without a day counts from the delivery that brought it; the end of an issue goes with each theme in it.
named as (
    select
        notes.pseudonym,
        notes.code as theme_code,
        coalesce(notes.noted_on, issues.noted_date, issues.delivered_on) as day,
        notes.coded_from,
        issues.ended_date
    from notes
    left join issues on issues.row_id = notes.issue_id
    union all
    select pseudonym, theme_code, coalesce(noted_date, delivered_on), 'recorded', ended_date
    from issues
    where theme_code is not null
),

final as (
    select
        named.pseudonym,
        named.theme_code,
        named.day as named_on,
        bool_or(named.coded_from = 'recorded') as is_recorded,
        -- Over only when everyone who named it that day says so.
        case when count(*) = count(named.ended_date) then max(named.ended_date) end as said_ended_on
    from named
    cross join settings
    where named.day <= settings.as_of
    group by named.pseudonym, named.theme_code, named.day
)

select * from final
