-- One row per person, theme and stretch for which it was current
with

settings as (select as_of, theme_silent_days from {{ ref('int_settings') }}),
mentions as (select pseudonym, theme_code, named_on, is_recorded, said_ended_on from {{ ref('int_theme_mentions') }}),
reviews as (select pseudonym, held_on from {{ ref('int_dsr_reviews') }}),

-- A review that names themes: one on a day when at least one theme was named. A review of which no theme is known says
-- nothing about any of them.
days_named as (select distinct pseudonym, named_on from mentions),

next_reviews as (
    select
        days_named.pseudonym,
        days_named.named_on,
        min(reviews.held_on) over (
            partition by days_named.pseudonym order by days_named.named_on rows between 1 following and unbounded following
        ) as next_review_on
    from days_named
    left join reviews on reviews.pseudonym = days_named.pseudonym and reviews.held_on = days_named.named_on
),

-- When a mention runs out: the next review that names themes (should it not name this one), the end the agency gave,
-- or silence.
lapsing as (
    select
        mentions.pseudonym,
        mentions.theme_code,
        mentions.named_on,
        mentions.is_recorded,
        least(
            next_reviews.next_review_on,
            coalesce(mentions.said_ended_on, {{ add_days('mentions.named_on', 'settings.theme_silent_days') }})
        ) as lapses_on
    from mentions
    cross join settings
    inner join next_reviews on next_reviews.pseudonym = mentions.pseudonym and next_reviews.named_on = mentions.named_on
),

numbered as (
    select
        pseudonym,
        theme_code,
        named_on,
        is_recorded,
        lapses_on,
        case when lag(lapses_on) over of_theme >= named_on then 0 else 1 end as is_new
    from lapsing
    window of_theme as (partition by pseudonym, theme_code order by named_on)
),

stretches as (
    select
        pseudonym,
        theme_code,
        named_on,
        is_recorded,
        lapses_on,
        sum(is_new) over (partition by pseudonym, theme_code order by named_on rows unbounded preceding) as stretch
    from numbered
),

final as (
    select
        stretches.pseudonym,
        stretches.theme_code,
        case when bool_or(stretches.is_recorded) then 'recorded' else 'from_text' end as coded_from,
        min(stretches.named_on) as first_seen_on,
        max(stretches.named_on) as last_seen_on,
        case
            when max_by(stretches.lapses_on, stretches.named_on) <= max(settings.as_of)
                then max_by(stretches.lapses_on, stretches.named_on)
        end as ended_on
    from stretches
    cross join settings
    group by stretches.pseudonym, stretches.theme_code, stretches.stretch
)

select * from final
