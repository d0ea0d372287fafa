-- What a run reports of each KPI that stood otherwise at its base release: its part of the ledger.
-- `$line`: the run ids of the base release and of those it builds on, newest first; empty for a first release.
-- Grain: KPI, unit, period and grain.
with present as (
    select
        kpi_value.kpi_id,
        kpi_value.unit_id,
        kpi_value.period_start_date,
        kpi_value.grain,
        kpi_value.numerator,
        kpi_value.denominator,
        kpi_value.actual,
        dim_kpi.definition_id
    from scorecard.kpi_value
    inner join scorecard.dim_kpi on kpi_value.kpi_id = dim_kpi.kpi_id
),

line as (
    select
        reported_value.*,
        list_position($line::varchar[], reported_value.run_id) as age
    from history.reported_value
    where list_contains($line::varchar[], reported_value.run_id)
),

newest as (
    select *
    from line
    qualify row_number() over (partition by kpi_id, unit_id, period_start_date, grain order by age) = 1
),

base as (
    select * from newest
    where not is_withdrawn
)

select
    kpi_id,
    unit_id,
    period_start_date,
    grain,
    present.numerator,
    present.denominator,
    present.actual,
    coalesce(present.definition_id, base.definition_id) as definition_id,
    present.definition_id is null as is_withdrawn
from present
full outer join base using (kpi_id, unit_id, period_start_date, grain)
where
    present.definition_id is distinct from base.definition_id
    or present.numerator is distinct from base.numerator
    or present.denominator is distinct from base.denominator
    or present.actual is distinct from base.actual
order by kpi_id, unit_id, grain, period_start_date
