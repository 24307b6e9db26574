-- One row per rule, count class and cell key: the change that a count gets before it is suppressed or rounded
with

pcvs as ({{ number_series(0, 750) }}),
ckeys as ({{ number_series(0, 255) }}),

-- nhs-lda is the national rule alone. nhs-lda-keyed moves a count by at most two, as often up as down: in 256 keys
-- 26 take two off, 51 one off, 102 change nothing, 51 add one, 26 add two. No one stays no one, and one person is moved
-- by one at most, so that no count goes below nought.
final as (
    select 'nhs-lda' as rule, pcvs.number as pcv, ckeys.number as ckey, 0 as change
    from pcvs
    cross join ckeys
    union all
    select
        'nhs-lda-keyed',
        pcvs.number,
        ckeys.number,
        case
            when pcvs.number = 0 then 0
            when ckeys.number < 26 then greatest(-2, -pcvs.number)
            when ckeys.number < 77 then -1
            when ckeys.number < 179 then 0
            when ckeys.number < 230 then 1
            else least(2, pcvs.number)
        end
    from pcvs
    cross join ckeys
)

select * from final
