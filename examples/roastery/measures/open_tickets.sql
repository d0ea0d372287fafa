-- Complaints and questions that nobody had settled at the month's end.
-- Grain: one row per unit and month that has ended.
with tickets as (
    select * from staging.crm__tickets
),

months as (
    select
        unnest(
            generate_series(date_trunc('month', min(created_at))::date, $as_of - interval 1 month, interval 1 month)
        )::date as month_start_date
    from tickets
)

select
    tickets.unit_id as unit,
    months.month_start_date as period,
    tickets.kind,
    count_if(coalesce(tickets.resolved_at, timestamp '9999-12-31') >= months.month_start_date + interval 1 month)
        as numerator
from months
inner join tickets on tickets.created_at < months.month_start_date + interval 1 month
group by all
