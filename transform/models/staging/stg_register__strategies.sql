-- One row per record of strategies that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    date,
    strategy_code,
    positive,
    outcome,
    age_band
from {{ source('register', 'strategies') }}
