-- One row per feed and check that held rows back. Generated from register/dictionary: change that, then run make generate.
select
    feed,
    code,
    rows
from {{ source('register', 'quarantine_counts') }}
