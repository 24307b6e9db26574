-- One row per person and field on which agencies differ. Generated from register/dictionary: change that, then run make generate.
select
    pseudonym,
    field
from {{ source('register', 'disagreements') }}
