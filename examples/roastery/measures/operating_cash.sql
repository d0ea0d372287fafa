-- Cash from running the business, before machines are bought and loans taken.
-- Grain: one row per month and purpose, for the whole organisation.
with postings as (
    select * from staging.finance__cash_posting
)

select
    'kestrel' as unit,
    date_trunc('month', value_date) as period,
    purpose,
    sum(cash_amount) as numerator
from postings
where flow = 'operating'
group by all
