-- Work orders with the month in which they were finished and the days they took.
-- Grain: one row per work order.
select
    work_order_id,
    unit_id,
    date_trunc('month', finished_on)::date as finished_month_date,
    finished_on - released_on as lead_days
from raw.works__work_order
