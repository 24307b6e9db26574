-- One row per organisation. Generated from register/dictionary: change that, then run make generate.
select
    code,
    kind,
    name,
    region_code
from {{ source('reference', 'organisations') }}
