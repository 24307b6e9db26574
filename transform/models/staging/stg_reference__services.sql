-- One row per service. Generated from register/dictionary: change that, then run make generate.
select
    code,
    label,
    family,
    commissioner
from {{ source('reference', 'services') }}
