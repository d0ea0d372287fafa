-- What stood reported at the end of a day (UTC), as table macros of the published file. Grain: none, these are functions.

-- The release that stood published at the day's end, and those that it was built on, newest first.
create or replace macro history.line_on(on_day) as table
    with recursive standing as (
        select run_id
        from history.pointer
        where moved_at < on_day::date + interval 1 day
        order by number desc
        limit 1
    ),

    line as (
        select
            run_id,
            0 as age
        from standing
        union all
        select
            release.base_run_id as run_id,
            line.age + 1 as age
        from line
        inner join history.release as release on line.run_id = release.run_id
        where release.base_run_id is not null
    )

    select
        run_id,
        age
    from line;

create or replace macro history.value_as_reported(on_day) as table
    select
        reported.run_id,
        reported.kpi_id,
        reported.unit_id,
        reported.period_start_date,
        reported.grain,
        reported.numerator,
        reported.denominator,
        reported.actual,
        reported.definition_id,
        reported.value_definition_id,
        reported.is_provisional,
        reported.unit_set_id,
        reported.reasons
    from history.reported_value as reported
    inner join history.line_on(on_day) as line on reported.run_id = line.run_id
    qualify
        row_number() over (
            partition by reported.kpi_id, reported.unit_id, reported.grain, reported.period_start_date order by line.age
        ) = 1
        and not reported.is_withdrawn;

create or replace macro history.score_as_reported(on_day) as table
    select
        reported.run_id,
        reported.level,
        reported.node_id,
        reported.unit_id,
        reported.period_start_date,
        reported.grain,
        reported.actual,
        reported.target,
        reported.value_grain,
        reported.value_period_start_date,
        reported.points,
        reported.definition_id,
        reported.weight,
        reported.score,
        reported.band,
        reported.data_state,
        reported.coverage,
        reported.reasons
    from history.reported_score as reported
    inner join history.line_on(on_day) as line on reported.run_id = line.run_id
    qualify
        row_number() over (
            partition by
                reported.level, reported.node_id, reported.unit_id, reported.grain, reported.period_start_date
            order by line.age
        ) = 1
        and not reported.is_withdrawn;

create or replace macro history.target_as_reported(on_day) as table
    select
        reported.run_id,
        reported.kpi_id,
        reported.unit_id,
        reported.per,
        reported.valid_from_date,
        reported.points
    from history.reported_target as reported
    inner join history.line_on(on_day) as line on reported.run_id = line.run_id
    qualify
        row_number() over (
            partition by reported.kpi_id, reported.unit_id, reported.per, reported.valid_from_date order by line.age
        ) = 1
        and not reported.is_withdrawn;

create or replace macro history.weight_as_reported(on_day) as table
    select
        reported.run_id,
        reported.level,
        reported.node_id,
        reported.valid_from_date,
        reported.weight
    from history.reported_weight as reported
    inner join history.line_on(on_day) as line on reported.run_id = line.run_id
    qualify
        row_number() over (partition by reported.level, reported.node_id, reported.valid_from_date order by line.age)
        = 1
        and not reported.is_withdrawn;

-- The definition of every KPI, objective, perspective and scorecard that had a score, as JSON.
create or replace macro history.definition_as_reported(on_day) as table
    select distinct
        reported.level,
        reported.node_id,
        reported.definition_id,
        coalesce(definition.definition_json, roll_up.definition_json) as definition_json
    from history.score_as_reported(on_day) as reported
    left join history.definition as definition
        on
            reported.level = 'kpi'
            and reported.node_id = definition.kpi_id
            and reported.definition_id = definition.definition_id
    left join history.roll_up as roll_up
        on
            reported.level = roll_up.level
            and reported.node_id = roll_up.node_id
            and reported.definition_id = roll_up.definition_id;
