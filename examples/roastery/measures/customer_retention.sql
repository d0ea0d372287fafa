-- Of the customers who ordered in the quarter before last, how many ordered in the last three months too.
-- Grain: one row per unit and month that has ended.
-- Owner: Customer Care. Wholesale customers and club members; shop customers are not known by name.
with orders as (
    select * from staging.crm__orders
),

months as (
    select
        unnest(
            generate_series(
                date_trunc('month', min(ordered_at))::date + interval 5 month,
                $as_of - interval 1 month,
                interval 1 month
            )
        )::date as month_start_date
    from orders
),

bought as (
    select
        months.month_start_date,
        orders.customer_id,
        any_value(orders.unit_id) as unit_id,
        bool_or(orders.ordered_at < months.month_start_date - interval 2 month) as was_there,
        bool_or(orders.ordered_at >= months.month_start_date - interval 2 month) as is_there
    from months
    inner join orders
        on
            orders.ordered_at >= months.month_start_date - interval 5 month
            and orders.ordered_at < months.month_start_date + interval 1 month
    group by months.month_start_date, orders.customer_id
)

select
    unit_id as unit,
    month_start_date as period,
    count_if(is_there) as numerator,
    count(*) as denominator,
    count(*) as observations
from bought
where was_there
group by all
