-- One row per record of issues that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    noted_date,
    relates_to,
    theme_code,
    ended_date,
    age_band
from {{ source('register', 'issues') }}
