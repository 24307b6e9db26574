-- One row per record of reviews that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    held_on,
    kind,
    attendee_agencies,
    next_due_stated,
    age_band
from {{ source('register', 'reviews') }}
