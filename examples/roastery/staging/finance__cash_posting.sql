-- Cash that came in (positive) and went out (negative).
-- Grain: one row per posting.
with postings as (
    select * from raw.finance__cash_posting
)

select
    posting_no,
    value_date,
    flow,
    purpose,
    amount::decimal(18, 2) as cash_amount
from postings
