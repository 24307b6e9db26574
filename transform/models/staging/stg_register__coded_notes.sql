-- One row per code found in a note, or recorded beside it, of a person on the register. Generated from register/dictionary: change that, then run make generate.
select
    row_id,
    pseudonym,
    noted_on,
    kind,
    code,
    coded_from,
    outcome,
    from_table,
    from_row_id,
    coder_version
from {{ source('register', 'coded_notes') }}
