-- One row per person: the last day of which any agency tells something
with

settings as (select as_of from {{ ref('int_settings') }}),

told as (
    {%- set tables = {
        'entries': ['referral_date', 'triage_date', 'accepted_date'],
        'consents': ['decision_date', 'capacity_assessed_date', 'best_interest_date'],
        'professionals': ['from_date', 'last_contact'],
        'ratings': ['effective_from'],
        'reviews': ['held_on'],
        'issues': ['noted_date', 'ended_date'],
        'strategies': ['date'],
        'suggestions': ['date'],
        'actions': ['raised_date', 'done_date'],
        'cetrs': ['held_on'],
        'admissions': ['admitted', 'discharged'],
        'escalations': ['date', 'closed_date'],
        'safety': ['crisis_plan_date']
    } %}
    {%- for table, days in tables.items() %}
    {%- for day in days %}
    select pseudonym, {{ day }} as day from {{ ref('stg_register__' ~ table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select told.pseudonym, max(told.day) as last_heard_on
    from told
    cross join settings
    where told.day <= settings.as_of
    group by told.pseudonym
)

select * from final
