-- One row per feed. Generated from register/dictionary: change that, then run make generate.
select
    feed,
    agency_kind,
    basis,
    delivered_on,
    rows_read,
    rows_accepted,
    rows_quarantined,
    rows_duplicate
from {{ source('register', 'feeds') }}
