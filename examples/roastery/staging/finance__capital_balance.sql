-- Capital employed: fixed assets, inventory and receivables, less payables.
-- Grain: one row per item and month's end.
with balances as (
    select * from raw.finance__capital_balance
)

select
    month_end_date,
    item,
    amount::decimal(18, 2) as capital_amount
from balances
