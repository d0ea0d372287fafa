-- The season that seasonal KPIs take from last year: what each month weighs in the quarter, half or year a year later. Only of
-- spans whose every month was whole and above 0; a KPI measured less often than monthly weighs its months alike.
-- Grain: one row per seasonal KPI, unit, length of span and month.
with weighed as (
    select
        value.kpi_id,
        value.unit_id,
        own.month_start_date,
        try_cast(
            value.actual / grain_months(value.grain) as decimal(38, 9)
        ) as weight
    from whole_value as value
    inner join scorecard.dim_kpi as kpi on value.kpi_id = kpi.kpi_id and value.grain = kpi.frequency
    inner join period_month as own
        on value.grain = own.grain and value.period_start_date = own.period_start_date
    where kpi.phasing = 'seasonal' and kpi.is_additive
),

spanned as (
    select
        weighed.kpi_id,
        weighed.unit_id,
        span.grain as per,
        weighed.month_start_date,
        weighed.weight,
        sum(weighed.weight) over same_span as total,
        count(*) filter (weighed.weight > 0) over same_span as month_count,
        grain_months(span.grain) as month_count_needed
    from weighed
    inner join period_month as span
        on weighed.month_start_date = span.month_start_date and span.grain in ('quarter', 'half', 'year')
    window same_span as (partition by weighed.kpi_id, weighed.unit_id, span.grain, span.period_start_date)
)

select
    kpi_id,
    unit_id,
    per,
    (month_start_date + interval 12 month)::date as month_start_date,
    weight::double as weight,
    total::double as total
from spanned
where month_count = month_count_needed
