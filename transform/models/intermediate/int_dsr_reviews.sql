-- One row per person and day on which a DSR review was held: no other kind of review moves the next date
with

settings as (select as_of from {{ ref('int_settings') }}),
reviews as (select pseudonym, held_on, kind from {{ ref('stg_register__reviews') }}),

final as (
    select distinct reviews.pseudonym, reviews.held_on
    from reviews
    cross join settings
    where reviews.kind = 'dsr' and reviews.held_on <= settings.as_of
)

select * from final
