-- One row per record of safety that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    crisis_plan_date,
    safeguarding_open,
    police_flag,
    age_band
from {{ source('register', 'safety') }}
