-- One row per setting that is one value. Generated from register/dictionary: change that, then run make generate.
select
    name,
    value
from {{ source('reference', 'settings') }}
