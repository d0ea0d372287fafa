-- Sales net of tax, with the unit that each belongs to; credit notes are negative.
-- Grain: one row per shop or channel, day, product group and document.
-- Owner: Finance. Receipts count customers served; a credit note serves none.
with ledger as (
    select * from raw.finance__sales_ledger
),

units as (
    select * from staging.operations__units
)

select
    ledger.entry_no,
    ledger.posting_date,
    coalesce(units.unit_id, ledger.unit_code) as unit_id,
    ledger.channel,
    ledger.product_group,
    ledger.document,
    ledger.receipts_count::bigint as receipts_count,
    ledger.net_amount::decimal(18, 2) as net_amount,
    ledger.cost_of_goods_amount::decimal(18, 2) as cost_of_goods_amount,
    ledger.new_product_amount::decimal(18, 2) as new_product_amount
from ledger
left join units on ledger.unit_code = units.unit_code
