-- One row per record of entries that one agency made about a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    feed,
    feed_agency,
    delivered_on,
    register_scope,
    referral_date,
    referrer_role,
    indicative_rating,
    triage_date,
    decision,
    rejection_reason,
    accepted_date,
    closed_date,
    closure_reason,
    keyworker,
    escalation_level,
    age_band
from {{ source('register', 'entries') }}
