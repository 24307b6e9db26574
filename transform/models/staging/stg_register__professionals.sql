-- One row per record of professionals that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    agency_kind,
    is_lead,
    is_keyworker,
    is_advocate,
    advocate_type,
    from_date,
    to_date,
    last_contact,
    role_code,
    age_band
from {{ source('register', 'professionals') }}
