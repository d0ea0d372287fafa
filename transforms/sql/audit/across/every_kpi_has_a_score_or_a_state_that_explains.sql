-- KPIs that say neither how they stand in a headline period nor why not.
-- Grain: one row per KPI, unit that it applies to and grain.
select
    'scorecard.kpi_score' as table_name,
    applies.kpi_id || ' of ' || applies.unit_id || ' in the ' || period.grain || ' ' || period.period_start_date
    || case
        when score.kpi_id is null then ' has no row'
        else concat_ws(
            ', ',
            ' has the score ' || coalesce(round(score.score, 2)::varchar, 'null'),
            'the state ' || coalesce(score.data_state, 'null'),
            'the coverage ' || coalesce(score.coverage::varchar, 'null'),
            'the band ' || coalesce(score.band, 'null')
        )
    end as found
from scorecard.kpi_unit as applies
cross join scorecard.dim_period as period
left join scorecard.kpi_score as score
    on
        applies.kpi_id = score.kpi_id
        and applies.unit_id = score.unit_id
        and period.grain = score.grain
        and period.period_start_date = score.period_start_date
where
    period.is_headline
    and not coalesce(
        case
            when score.score is null
                then
                    score.data_state in ('no_data', 'no_target', 'unverified')
                    and score.coverage = 0
                    and score.band is null
            else score.data_state in ('current', 'stale') and score.coverage = 1 and score.band is not null
        end,
        false
    )
order by all
