-- One row per stay whose discharge is before its admission: it is in no count until it is put right
with

stays as (
    select false as is_statutory, row_id, pseudonym, feed, feed_agency, admitted, discharged from {{ ref('stg_register__admissions') }}
    union all
    select true, row_id, pseudonym, feed, feed_agency, admitted, discharged from {{ ref('stg_register__statutory_admissions') }}
),

final as (
    select is_statutory, row_id, pseudonym, feed, feed_agency, admitted as admitted_on, discharged as discharged_on
    from stays
    where discharged < admitted
)

select * from final
