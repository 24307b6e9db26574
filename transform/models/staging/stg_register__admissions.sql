-- One row per record of admissions that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    admitted,
    discharged,
    ward_security,
    bed_type,
    mha_code,
    planned,
    source,
    reasons,
    on_register_before_stated,
    distance_km,
    planned_discharge_date,
    delay_reasons,
    destination,
    age_band
from {{ source('register', 'admissions') }}
