-- One row per rating, age band, place and day from which the interval holds. Generated from register/dictionary: change that, then run make generate.
select
    rating,
    age_band,
    place,
    days,
    valid_from,
    valid_to
from {{ source('reference', 'review_intervals') }}
