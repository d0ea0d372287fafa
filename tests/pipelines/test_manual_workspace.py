"""A workspace of files alone: everything is entered by hand, and the night runs on it as on any other."""

import io
import shutil
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipelines import nightly
from pipelines.state import State
from tests.pipelines.conftest import Tiny

FILES: Mapping[str, str] = {
    "company.yaml": """
organisation: {id: acme, name: Acme}
trees:
  - id: region
    name: Regions
    units: [{id: north, name: North}, {id: south, name: South}]
currency: EUR
today: 2026-10-05
""",
    "strategy.yaml": """
id: card
name: Acme
perspectives:
  - id: customer
    name: Customer
    objectives:
      - id: delight
        name: Delight
        owner: Jo
        kpis:
          - {id: promoters, name: NPS, owner: Jo, measure: recommend, aggregation: score, survey: nps,
             direction: higher_is_better, measured_in: points}
          - {id: satisfied, name: CSAT, owner: Jo, measure: satisfied, aggregation: score, survey: csat,
             direction: higher_is_better, measured_in: percent, min_observations: 5}
          - {id: returned, name: Response rate, owner: Jo, measure: returned, aggregation: score,
             survey: response_rate, direction: higher_is_better, measured_in: percent}
  - id: learning
    name: Learning and growth
    objectives:
      - id: learn
        name: Learn
        owner: Jo
        kpis:
          - {id: training, name: Training days, owner: Jo, measure: training, aggregation: sum,
             direction: higher_is_better}
          - {id: mood, name: Mood, owner: Jo, measure: mood, aggregation: last, frequency: quarter,
             direction: higher_is_better}
          - {id: inventors, name: People with ideas, owner: Jo, measure: inventors, aggregation: distinct,
             direction: higher_is_better}
links: [{cause: learn, effect: delight, hypothesis: Who learns serves better.}]
""",
    "targets.csv": """kpi,unit,per,valid_from,red,target
training,acme,month,2026-01-01,5,10
mood,acme,quarter,2026-01-01,5,8
promoters,acme,month,2026-01-01,0,0.5
""",
    "manual/training.csv": """period,unit,value,who,when
2026-08,north,3,Ann,2026-09-02
2026-08-31,south,4.5,Ann,2026-09-02
2026-09,north,5,Ann,2026-10-01
2026-09-30,north,6,Bob,2026-10-02
2026-09,south,7,Ann,2026-10-01
""",
    "manual/recommend.csv": """period,unit,answer,observations,who,when
2026-09,north,10,4,Ann,2026-10-01
2026-09,north,7,2,Ann,2026-10-01
2026-09,north,3,1,Ann,2026-10-01
2026-09,south,9,4,Ann,2026-10-01
2026-09,south,9,5,Ann,2026-10-01T15:00
""",
    "manual/satisfied.csv": "period,unit,answer,who,when\n"
    + "".join(
        f"2026-09,{unit},{answer},Ann,2026-10-01\n"
        for unit, answers in {"north": (5, 4, 3, 5, 2, 4), "south": (1, 5)}.items()
        for answer in answers
    ),
    "manual/returned.csv": """period,unit,numerator,denominator,who,when
2026-09,north,7,20,Ann,2026-10-01
2026-09,south,5,9,Ann,2026-10-01
""",
    "manual/inventors.csv": """period,unit,key,who,when
2026-09,north,p1,Ann,2026-10-01
2026-09,north,p2,Ann,2026-10-01
2026-09,south,p1,Ann,2026-10-01
""",
}
MOOD = (
    ("period", "unit", "value", "who", "when"),
    (date(2026, 4, 1), "acme", 6, "Ann", date(2026, 7, 2)),
    ("2026-07", "acme", 7, "Ann", date(2026, 10, 2)),
)
SEPTEMBER = "grain = 'month' and period_start_date = date '2026-09-01'"


def workbook(*rows: tuple[object, ...]) -> bytes:
    """Write a workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def make(folder: Path) -> Tiny:
    """Write the workspace, which has no sources.yaml."""
    for path, text in FILES.items():
        (folder / "workspace" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "workspace" / path).write_text(text)
    (folder / "workspace" / "manual" / "mood.xlsx").write_bytes(workbook(*MOOD))
    return Tiny(folder / "workspace", folder / "none", State(folder / "state"))


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Give the organisation after a night; nobody changes it."""
    made = make(tmp_path_factory.mktemp("entered"))
    record = made.run()
    assert record.problems == ()
    assert (record.status, record.exit_code) == ("published", 0)
    return made


@pytest.fixture
def changing(entered: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Give the organisation after its first night, to be changed; the audit of the marts, which takes seconds, is left out."""
    monkeypatch.setattr(nightly, "audit_marts", lambda _: [])
    shutil.copytree(entered.workspace.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Tiny(tmp_path / "workspace", tmp_path / "none", State(tmp_path / "state"))


def actual(tiny: Tiny, kpi: str, unit: str = "acme", where: str = SEPTEMBER) -> float | None:
    ((value,),) = tiny.query(
        f"select actual from scorecard.kpi_value where kpi_id = '{kpi}' and unit_id = '{unit}' and {where}"
    )
    return None if value is None else float(value)


@pytest.mark.parametrize(
    ("kpi", "unit", "expected"),
    [
        ("training", "north", 6), ("training", "acme", 13),
        ("promoters", "north", 3 / 7), ("promoters", "south", 1), ("promoters", "acme", 8 / 12),
        ("satisfied", "acme", 5 / 8), ("satisfied", "south", None), ("satisfied", "north", None),
        ("returned", "acme", 12 / 29), ("inventors", "acme", 2), ("inventors", "north", 2),
    ],
)  # fmt: skip
def test_what_is_entered_is_measured(
    entered: Tiny, kpi: str, unit: str, expected: float | None
) -> None:
    assert actual(entered, kpi, unit) == (None if expected is None else pytest.approx(expected))


def test_a_reading_for_a_quarter_reaches_to_its_end(entered: Tiny) -> None:
    assert entered.query(
        "select actual, data_state, value_grain, value_period_start_date from scorecard.kpi_score "
        f"where kpi_id = 'mood' and unit_id = 'acme' and {SEPTEMBER}"
    ) == [(7.0, "current", "quarter", date(2026, 7, 1))]
    assert entered.query(
        "select measure_id, data_as_of_date from measure.dim_measure where measure_id in ('mood', 'training') order by 1"
    ) == [("mood", date(2026, 9, 30)), ("training", date(2026, 9, 30))]


def test_it_is_said_who_entered_it_and_when_and_no_one_drills_into_it(entered: Tiny) -> None:
    assert entered.query(
        "select numerator, entered_by, entered_at::date from measure.training "
        "where unit_id = 'north' and period_start_date = date '2026-09-01'"
    ) == [(6, "Bob", date(2026, 10, 2))]
    assert entered.query("select distinct is_manual, dimensions from measure.dim_measure") == [
        (True, [])
    ]


def test_answers_are_counted(entered: Tiny) -> None:
    assert entered.query(
        "select unit_id, answer::integer, observations_count from measure.answer "
        "where measure_id = 'recommend' order by all"
    ) == [("north", 3, 1), ("north", 7, 2), ("north", 10, 4), ("south", 9, 5)]
    assert (
        entered.query("select count(*) from measure.answer where measure_id = 'satisfied'")
        == [(0,)]
        == entered.query("select count(*) from measure.satisfied")
    )


def test_a_correction_replaces_and_the_lake_keeps_what_was_entered_before(changing: Tiny) -> None:
    before = sorted((changing.state.root / "lake" / "manual" / "training").rglob("*.parquet"))
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(path.read_text() + "2026-09,south,8.5,Bob,2026-10-03\n")
    assert changing.run().status == "published"
    assert actual(changing, "training") == 14.5
    after = sorted((changing.state.root / "lake" / "manual" / "training").rglob("*.parquet"))
    assert set(before) < set(after)
    assert changing.query(
        "select actual from history.reported_value inner join history.release using (run_id) "
        f"where kpi_id = 'training' and unit_id = 'acme' and {SEPTEMBER.replace('period_start', 'reported_value.period_start')} "
        "order by reported_at"
    ) == [(13.0,), (14.5,)]


def test_a_row_that_is_taken_out_is_gone(changing: Tiny) -> None:
    path = changing.workspace / "manual" / "training.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    changing.run()
    assert actual(changing, "training") == 6
    assert changing.query(
        "select count(*) from measure.component where measure_id = 'training'"
    ) == [(3,)]


def test_a_file_from_which_everything_is_taken_out_is_empty_and_not_stale(changing: Tiny) -> None:
    (changing.workspace / "manual" / "training.csv").write_text("period,unit,value,who,when\n")
    assert changing.run().exit_code == 0
    assert changing.query(
        f"select data_state from scorecard.kpi_score where kpi_id = 'training' and unit_id = 'acme' and {SEPTEMBER}"
    ) == [("no_data",)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-09,south,seven,Ann,2026-10-03", "manual.training could not be read"),
        ("2026-09,south,,Ann,2026-10-03", "manual.training"),
        ("Sep 26,south,9,Ann,2026-10-03", "manual.training"),
        ("2026-09,south,9,Ann,2026-10-01", "manual.training"),
    ],
)
def test_what_breaks_the_contract_is_not_used(changing: Tiny, row: str, problem: str) -> None:
    """The schedule runs without the check of the command: the last good load counts on."""
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(path.read_text() + row + "\n")
    record = changing.run()
    assert record.exit_code == 2
    assert problem in record.problems[0]
    assert changing.query(
        "select outcome from quality.source_status where table_id = 'training'"
    ) != [("good",)]  # fmt: skip
    if record.status == "published":
        assert actual(changing, "training") == 13


@pytest.mark.parametrize("cell", ["seven", None])
def test_a_workbook_is_under_contract_like_a_file(changing: Tiny, cell: str | None) -> None:
    path = changing.workspace / "manual" / "mood.xlsx"
    path.write_bytes(workbook(*MOOD, ("2026-07", "acme", cell, "Ann", date(2026, 10, 3))))
    record = changing.run()
    assert (record.status, record.exit_code) == ("published", 2)
    assert "manual.mood" in record.problems[0]
    assert actual(changing, "mood", where="grain = 'quarter' and period_start_date = date '2026-07-01'") == 7  # fmt: skip


def test_a_correction_in_a_workbook_replaces(changing: Tiny) -> None:
    path = changing.workspace / "manual" / "mood.xlsx"
    path.write_bytes(workbook(*MOOD, ("2026-07", "acme", 7.5, "Bob", date(2026, 10, 3))))
    assert changing.run().problems == ()
    assert actual(changing, "mood", where="grain = 'quarter' and period_start_date = date '2026-07-01'") == 7.5  # fmt: skip


def test_what_nobody_entered_is_missing_and_not_stale(changing: Tiny) -> None:
    """Nothing is wrong with the file: a value that is not there must not be made good by last month's."""
    path = changing.workspace / "manual" / "training.csv"
    path.write_text("period,unit,value,who,when\n2026-08,north,6,Ann,2026-09-01\n")
    assert changing.run().exit_code == 0
    state = (
        "select data_state, coverage from scorecard.kpi_score where kpi_id = 'training' "
        f"and unit_id = 'acme' and {SEPTEMBER}"
    )
    assert changing.query(state) == [("no_data", 0)]
    path.write_text(path.read_text() + "2026-09,north,seven,Ann,2026-10-01\n")
    assert changing.run().exit_code == 2
    assert changing.query(state) == [("stale", 1)]


def test_a_wrong_cell_does_not_stop_the_other_measures(changing: Tiny) -> None:
    """Whoever mistypes one number must not leave the executives with yesterday's page."""
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(path.read_text() + "2026-09,south,seven,Ann,2026-10-03\n")
    assert changing.steelyard("check").exit_code == 3
    done = changing.steelyard("run")
    assert done.exit_code == 2, done.err
    assert "'seven' in the column value is not a number" in done.err
    assert actual(changing, "training") == 13


def test_a_mistyped_year_does_not_make_the_months_before_it_complete(changing: Tiny) -> None:
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(
        "period,unit,value,who,when\n2026-08,north,6,Ann,2026-09-01\n2036-09,north,7,Ann,2026-10-01\n"
    )
    changing.run()
    ((reached,),) = changing.query(
        "select data_as_of_date from measure.dim_measure where measure_id = 'training'"
    )
    assert reached == date(2026, 8, 31)


def test_numbers_of_a_computation_are_rounded_to_nine_decimals(changing: Tiny) -> None:
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(
        "period,unit,value,who,when\n2026-09,north,0.3333333333333333,Ann,2026-10-01\n"
        "2026-09,south,1000000000000000.5,Ann,2026-10-01\n"
    )
    assert changing.run().problems == ()
    assert changing.query(
        f"select numerator from scorecard.kpi_value where kpi_id = 'training' and {SEPTEMBER} "
        "and unit_id in ('north', 'south') order by unit_id"
    ) == [(Decimal("0.333333333"),), (Decimal("1000000000000000.500000000"),)]


def test_a_catch_all_unit_takes_rows_of_units_that_are_in_no_tree(changing: Tiny) -> None:
    company = changing.workspace / "company.yaml"
    company.write_text(company.read_text() + "catch_all: south\n")
    path = changing.workspace / "manual" / "training.csv"
    path.write_text(path.read_text() + "2026-09,elsewhere,5,Ann,2026-10-03\n")
    assert changing.steelyard("check").exit_code == 0
    changing.run()
    assert actual(changing, "training", "south") == 12


@pytest.mark.parametrize("answer", ["11", "-1", "9.5"])
def test_an_answer_that_the_survey_does_not_know_is_never_counted(
    changing: Tiny, answer: str
) -> None:
    path = changing.workspace / "manual" / "recommend.csv"
    path.write_text(path.read_text() + f"2026-09,south,{answer},1,Ann,2026-10-01\n")
    record = changing.run()
    assert (record.status, record.exit_code) == ("published", 2)
    assert "The KPI promoters is a survey of kind nps" in record.problems[0]
    assert f"the answer {answer}" in record.problems[0]
    assert "Mend:" in record.problems[0]
    assert changing.query(
        f"select data_state, score from scorecard.kpi_score where kpi_id = 'promoters' and unit_id = 'acme' and {SEPTEMBER}"
    ) == [("unverified", None)]
    assert changing.query("select count(*) from measure.answer where measure_id = 'recommend'") == [
        (0,)
    ]


def test_the_command_checks_runs_and_publishes_it(changing: Tiny) -> None:
    done = changing.steelyard("check")
    assert done.exit_code == 0, done.err
    assert "no errors; 6 KPIs, 6 measures." in done.out
    done = changing.steelyard("run")
    assert done.exit_code == 0, done.err
    assert (changing.state.current / "site" / "index.html").exists()
