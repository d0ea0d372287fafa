-- What stands otherwise than at the base release of each KPI, or did not stand there at all.
-- A definition counts as another where its part that makes the value is.
-- `$base_as_of`: the base release's business date; what it knew of open periods was provisional.
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
        dim_kpi.definition_id,
        dim_kpi.value_definition_id,
        coalesce(kpi_value.is_provisional, false) as is_provisional,
        coalesce(kpi_value.is_suppressed, false) as is_suppressed
    from scorecard.kpi_value
    inner join scorecard.dim_kpi on kpi_value.kpi_id = dim_kpi.kpi_id
),

laid as (
    select
        kpi_id,
        unit_id,
        period_start_date,
        grain,
        present.numerator,
        present.denominator,
        present.actual,
        coalesce(present.definition_id, base.definition_id) as definition_id,
        coalesce(present.value_definition_id, known.value_definition_id) as value_definition_id,
        present.is_provisional,
        present.definition_id is null as is_withdrawn,
        base.definition_id is not null as has_stood,
        base.is_provisional as was_provisional,
        case
            when known.value_definition_id is null or dim_kpi.value_definition_id is null
                then (base.definition_id is distinct from dim_kpi.definition_id)
            else known.value_definition_id != dim_kpi.value_definition_id
        end as is_redefined,
        (
            present.numerator is distinct from base.numerator
            or present.denominator is distinct from base.denominator
            or present.actual is distinct from base.actual
            or present.is_provisional is distinct from coalesce(base.is_provisional, present.is_provisional)
        ) as is_another,
        -- a value without any number had been held back
        (
            base.definition_id is not null
            and coalesce(present.is_suppressed, false)
            != (base.actual is null and base.numerator is null and not coalesce(base.is_withdrawn, false))
        ) as is_held_back_anew
    from present
    full outer join stood_reported_value as base using (kpi_id, unit_id, period_start_date, grain)
    left join scorecard.dim_kpi using (kpi_id)
    left join history.definition as known
        on
            base.kpi_id = known.kpi_id
            and base.definition_id = known.definition_id
)

select
    laid.kpi_id,
    laid.unit_id,
    laid.period_start_date,
    laid.grain,
    laid.numerator,
    laid.denominator,
    laid.actual,
    laid.definition_id,
    laid.value_definition_id,
    laid.is_provisional,
    laid.is_withdrawn,
    laid.has_stood
    and not coalesce(laid.was_provisional, period.last_date >= $base_as_of::date, false) as is_restated,
    laid.is_redefined,
    laid.is_another,
    laid.is_held_back_anew,
    period.last_date
from laid
left join scorecard.dim_period as period
    on laid.grain = period.grain and laid.period_start_date = period.period_start_date
where
    not laid.has_stood
    or laid.is_withdrawn
    or laid.is_redefined
    or laid.is_another
