-- One row per person counted in a measure, month and breakdown
{{ config(materialized="view") }}
with

people as (
    select pseudonym, month, month_end, record_key, responsible_icb_ods, coalesce(rating, 'not_rated') as rating, is_overdue
    from {{ ref('int_person_months') }}
),

themes as (select pseudonym, theme_code, first_seen_on, ended_on from {{ ref('fct_theme_periods') }}),
needs as (select pseudonym, service_code, month, unavailable_reason from {{ ref('fct_service_needs') }} where is_gap),
services as (select code, family from {{ ref('stg_reference__services') }}),

counted as (
    select 'people' as measure, month, 'none' as breakdown_kind, 'all' as breakdown, pseudonym, record_key, responsible_icb_ods
    from people
    union all
    select 'people', month, 'rating', rating, pseudonym, record_key, responsible_icb_ods
    from people
    union all
    select 'overdue', month, 'none', 'all', pseudonym, record_key, responsible_icb_ods
    from people where is_overdue
    union all
    select 'overdue', month, 'rating', rating, pseudonym, record_key, responsible_icb_ods
    from people where is_overdue
    union all
    select 'theme_people', people.month, 'theme', themes.theme_code, people.pseudonym, people.record_key, people.responsible_icb_ods
    from people
    inner join themes
        on
            themes.pseudonym = people.pseudonym
            and themes.first_seen_on <= people.month_end
            and coalesce(themes.ended_on, date '9999-12-31') > people.month_end
    union all
    select 'gap_people', people.month, 'service', needs.service_code, people.pseudonym, people.record_key, people.responsible_icb_ods
    from people
    inner join needs on needs.pseudonym = people.pseudonym and needs.month = people.month
    union all
    select distinct
        'gap_people', people.month, 'service_family_reason',
        services.family || '|' || coalesce(needs.unavailable_reason, 'U99'),
        people.pseudonym, people.record_key, people.responsible_icb_ods
    from people
    inner join needs on needs.pseudonym = people.pseudonym and needs.month = people.month
    inner join services on services.code = needs.service_code
)

select * from counted
