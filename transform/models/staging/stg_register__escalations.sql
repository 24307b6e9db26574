-- One row per record of escalations that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    date,
    level,
    closed_date,
    age_band
from {{ source('register', 'escalations') }}
