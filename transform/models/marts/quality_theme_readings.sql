-- One row per issue and theme that its agency coded or that was found in its note, of issues that have both
with

issues as (select row_id, pseudonym, feed_agency, theme_code from {{ ref('stg_register__issues') }} where theme_code is not null),

notes as (
    select from_row_id as row_id, code as theme_code
    from {{ ref('stg_register__coded_notes') }}
    where kind = 'theme' and from_table = 'issues'
),

read_notes as (select distinct row_id from notes),

recorded as (
    select issues.row_id, issues.pseudonym, issues.feed_agency, issues.theme_code
    from issues
    join read_notes on read_notes.row_id = issues.row_id
),

found as (
    select issues.row_id, issues.pseudonym, issues.feed_agency, notes.theme_code
    from issues
    join notes on notes.row_id = issues.row_id
),

final as (
    select
        coalesce(recorded.row_id, found.row_id) as from_row_id,
        coalesce(recorded.pseudonym, found.pseudonym) as pseudonym,
        coalesce(recorded.feed_agency, found.feed_agency) as feed_agency,
        coalesce(recorded.theme_code, found.theme_code) as theme_code,
        recorded.row_id is not null as is_recorded,
        found.row_id is not null as is_found
    from recorded
    full outer join found on found.row_id = recorded.row_id and found.theme_code = recorded.theme_code
)

select * from final
