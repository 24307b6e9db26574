-- Every rule has every count class and cell key once, and moves counts as often up as down.
with

rules as (
    select
        rule,
        count(*) as cells,
        sum(change) as drift
    from {{ ref('cell_rule') }}
    group by rule
)

select * from rules where cells <> 751 * 256 or drift <> 0
union all
select 'both rules', count(*), 0 from rules having count(*) <> 2
