-- One row per reason why people are not on the register. Generated from register/dictionary: change that, then run make generate.
select
    reason,
    people
from {{ source('register', 'exclusions') }}
