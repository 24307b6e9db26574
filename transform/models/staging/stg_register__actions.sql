-- One row per record of actions that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    raised_date,
    service_code,
    current_or_potential,
    need_date,
    state,
    unavailable_reason,
    owner_agency,
    due_date,
    done_date,
    age_band
from {{ source('register', 'actions') }}
