-- One row per record of cetrs that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    kind,
    due_date,
    held_on,
    outcome,
    recommendations_done,
    age_band
from {{ source('register', 'cetrs') }}
