-- Running costs by department. Green coffee and goods are not among them: they are cost of goods in the sales ledger.
-- Grain: one row per posting.
-- Owner: Finance. Cost centres are those of the chart of accounts of 2023.
with postings as (
    select * from raw.finance__cost_entry
),

placed as (
    select
        entry_no,
        posting_date,
        cost_kind,
        amount::decimal(18, 2) as cost_amount,
        case cost_centre
            when '4110' then 'roasting'
            when '4120' then 'packing'
            when '4130' then 'procurement'
            when '4210' then 'retail'
            when '4220' then 'wholesale'
            when '4230' then 'digital'
            when '4310' then 'research'
            when '4320' then 'people'
            when '4330' then 'finance'
            else 'cost_centre_' || cost_centre
        end as unit_id
    from postings
)

select
    entry_no,
    posting_date,
    unit_id,
    cost_kind,
    cost_amount
from placed
