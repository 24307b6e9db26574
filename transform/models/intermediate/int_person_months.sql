-- One row per person and month at whose end they were on the register: the grid every count comes from
with

months as (select month, month_end from {{ ref('int_months') }}),
people as (select pseudonym, record_key, responsible_icb_ods from {{ ref('stg_register__people') }}),
spells as (select pseudonym, admitted_on, discharged_on from {{ ref('int_hospital_spells') }}),

due as (
    select pseudonym, judged_on, rating, due_on, days_overdue, is_overdue, is_never_reviewed
    from {{ ref('int_review_due') }}
),

final as (
    select
        due.pseudonym,
        months.month,
        months.month_end,
        people.record_key,
        people.responsible_icb_ods,
        due.rating,
        due.due_on,
        due.days_overdue,
        due.is_overdue,
        due.is_never_reviewed,
        spells.pseudonym is not null as is_inpatient
    from due
    inner join months on months.month_end = due.judged_on
    inner join people on people.pseudonym = due.pseudonym
    left join spells
        on
            spells.pseudonym = due.pseudonym
            and spells.admitted_on <= due.judged_on
            and coalesce(spells.discharged_on, date '9999-12-31') > due.judged_on
)

select * from final
