-- One row per record of consents that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    basis,
    decision_date,
    capacity_assessed_date,
    best_interest_date,
    review_due,
    withdrawn_date,
    refused_date,
    age_band
from {{ source('register', 'consents') }}
