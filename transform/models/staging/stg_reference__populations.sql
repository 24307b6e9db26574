-- One row per ICB and age group. Generated from register/dictionary: change that, then run make generate.
select
    icb_ods,
    age_group,
    people
from {{ source('reference', 'populations') }}
