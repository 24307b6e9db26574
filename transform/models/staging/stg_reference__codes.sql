-- One row per code of a code list. Generated from register/dictionary: change that, then run make generate.
select
    list,
    code,
    label
from {{ source('reference', 'codes') }}
