-- One row per person on the register, service and month from need to met: the grid that fct_service_needs fills in
with

months as (select pseudonym, month, month_end from {{ ref('int_person_months') }}),
needs as (select pseudonym, service_code, needed_since, met_on from {{ ref('int_service_needs') }}),

final as (
    select distinct
        months.pseudonym,
        needs.service_code,
        months.month,
        months.month_end
    from months
    inner join needs
        on
            needs.pseudonym = months.pseudonym
            and needs.needed_since <= months.month_end
            and coalesce(needs.met_on, date '9999-12-31') >= months.month
)

select * from final
