-- One row per person past the consent gate
with

people as (
    select
        pseudonym, record_key, age_band, sex_code, ethnic_code, ld_status, autism_status, interpreter, accommodation_code, ehcp,
        looked_after, responsible_icb_ods, responsible_utla_gss, residence_icb_ods, residence_utla_gss, host_icb_ods,
        placing_icb_ods, out_of_area, deprivation_quintile, national_data_opt_out, deceased_date, consent_state
    from {{ ref('stg_register__people') }}
),

periods as (
    select pseudonym, min(accepted_on) as first_accepted_on, bool_or(closed_on is null) as is_on_register
    from {{ ref('int_register_periods') }}
    group by pseudonym
),

final as (
    select
        people.pseudonym,
        people.record_key,
        people.age_band,
        people.sex_code,
        people.ethnic_code,
        people.ld_status,
        people.autism_status,
        people.interpreter as needs_interpreter,
        people.accommodation_code,
        people.ehcp as has_ehcp,
        people.looked_after as is_looked_after,
        people.responsible_icb_ods,
        people.responsible_utla_gss,
        people.residence_icb_ods,
        people.residence_utla_gss,
        people.host_icb_ods,
        people.placing_icb_ods,
        people.out_of_area as is_out_of_area,
        people.deprivation_quintile,
        people.national_data_opt_out as is_opted_out_nationally,
        people.deceased_date as deceased_on,
        people.consent_state,
        periods.first_accepted_on,
        coalesce(periods.is_on_register, false) as is_on_register
    from people
    left join periods on periods.pseudonym = people.pseudonym
)

select * from final
