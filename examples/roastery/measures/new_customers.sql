-- Customers won: new wholesale customers, club members and holders of the loyalty card.
-- Grain: one row per unit, month and segment.
with customers as (
    select * from staging.crm__customers
)

select
    unit_id as unit,
    date_trunc('month', created_at) as period,
    segment,
    count(*) as numerator
from customers
where created_at >= timestamp '2023-10-01'
group by all
