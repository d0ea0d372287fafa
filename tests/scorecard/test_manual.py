"""Manual measures: what a file in `manual/` becomes, and what the check says of it."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from scorecard.check import check_workspace
from scorecard.check_manual import month_of
from scorecard.findings import WorkspaceError
from scorecard.sources import FilesSource, ThroughPeriod
from scorecard.workspace import Workspace, read_workspace
from tests.scorecard.small import Edit, write

HEADER = "period,unit,value,who,when\n"
KPI = """\
          - id: revenue
            name: Revenue
"""


def manual(root: Path, text: str | bytes, *edits: Edit, file: str = "days.csv") -> Path:
    """Write the small workspace with one more KPI, over what is entered in `file`."""
    strategy = KPI.replace("revenue", "days").replace("Revenue", "Days")
    strategy += (
        "            owner: Jo\n            measure: days\n            aggregation: last\n"
        "            direction: higher_is_better\n" + KPI
    )
    target = ("targets.csv", "complaints,", "days,acme,month,2026-01-01,1,2,,\ncomplaints,")
    write(root, ("strategy.yaml", KPI, strategy), target, *edits)
    (root / "manual").mkdir()
    content = text.encode() if isinstance(text, str) else text
    (root / "manual" / file).write_bytes(content)
    return root


def said(root: Path) -> list[str]:
    """Give what is said of the workspace, warnings that it always has left out."""
    try:
        found = check_workspace(read_workspace(root))
    except WorkspaceError as error:
        found = error.findings
    return [str(each) for each in found]


def workbook(*rows: tuple[object, ...], more_sheets: tuple[str, ...] = ()) -> bytes:
    """Write a workbook whose first sheet has these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Days"
    for row in rows:
        sheet.append(row)
    for name in more_sheets:
        book.create_sheet(name).append(["nothing", "to see"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def table(workspace: Workspace) -> tuple[FilesSource, ThroughPeriod]:
    """Give the source that stands for the folder, and how far its table reaches."""
    source = workspace.sources.sources["manual"]
    assert isinstance(source, FilesSource)
    reach = source.tables["days"].data_as_of
    assert isinstance(reach, ThroughPeriod)
    return source, reach


def test_a_file_becomes_a_source_a_table_a_contract_and_a_measure(tmp_path: Path) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3.5,Ann,2026-10-01\n")
    assert said(root) == []
    workspace = read_workspace(root)
    source, reach = table(workspace)
    assert (source.name, source.owner, source.folder) == ("Manual measures", "Acme", "manual")
    assert source.tables["days"].primary_key == ("unit", "period", "when")
    assert (reach.column, reach.frequency) == ("period", "month")
    assert workspace.measures["days"].path == "manual/days.csv"
    assert "manual__days" in workspace.contracts


def test_the_workspace_may_have_a_contract_of_its_own(tmp_path: Path) -> None:
    own = ("contracts/manual__days.yaml", "", "description: Ours.\nquarantine_limit: 0.5\n"
           "row_rules: [{name: not_negative, condition: value >= 0, reason: Days.}]\n")  # fmt: skip
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n", own)
    assert said(root) == []
    assert read_workspace(root).contracts["manual__days"].description == "Ours."


@pytest.mark.parametrize("sources", [None, "", "sources: {}\n"])
def test_a_workspace_may_have_manual_measures_alone(tmp_path: Path, sources: str | None) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    if sources is None:
        (root / "sources.yaml").unlink()
    else:
        (root / "sources.yaml").write_text(sources)
    assert list(read_workspace(root).sources.sources) == ["manual"]


def test_without_manual_measures_sources_are_still_needed(tmp_path: Path) -> None:
    root = write(tmp_path, without=("sources.yaml",))
    assert said(root)[0].startswith("sources.yaml: error: The file is missing.")


@pytest.mark.parametrize(
    ("frequency", "other", "expected"),
    [
        ("quarter", "", "quarter"),
        ("year", "", "year"),
        ("quarter", "select unit, period, numerator from measure.days", "month"),
        ("quarter", "select unit, period, value from raw.manual__days", "month"),
    ],
)
def test_data_reach_as_far_as_the_periods_of_its_kpis(
    tmp_path: Path, frequency: str, other: str, expected: str
) -> None:
    often = ("strategy.yaml", "            aggregation: last", f"            frequency: {frequency}\n            aggregation: last")  # fmt: skip
    manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    path = tmp_path / "strategy.yaml"
    path.write_text(path.read_text().replace(often[1], often[2], 1))
    if other:
        (tmp_path / "measures" / "more.sql").write_text(other)
    assert table(read_workspace(tmp_path))[1].frequency == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("period,unit,value,who\n", "manual/days.csv:1: error: The column when is missing."),
        ("period,unit,valu,who,when\n", "manual/days.csv:1: error: There is no column valu in a manual measure. Mend: Did you mean value?"),
        ("period,unit,value,value,who,when\n", "manual/days.csv:1: error: The column value is here twice."),
        ("period,unit,who,when\n", "manual/days.csv:1: error: The columns given do not say what is measured."),
        ("period,unit,value,answer,who,when\n", "manual/days.csv:1: error: The columns answer, value do not say what is measured."),
        ("period,unit,key,observations,who,when\n", "manual/days.csv:1: error: The columns key, observations do not"),
        ("period;unit;value;who;when\n", "manual/days.csv:1: error: The columns are separated by semicolons."),
        ("", "manual/days.csv: error: The file is empty."),
        (b"period,unit,value,who,when\n2026-09,north,3,J\xf6rg,2026-10-01\n", "manual/days.csv:2: error: The file is not in UTF-8."),
        (HEADER + '2026-09,north,3,"Ann,2026-10-01\n', "manual/days.csv:2: error: CSV: unexpected end of data."),
    ],
)  # fmt: skip
def test_a_file_without_the_columns_of_a_measure_is_refused(
    tmp_path: Path, text: str | bytes, expected: str
) -> None:
    assert any(line.startswith(expected) for line in said(manual(tmp_path, text))), said(tmp_path)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2026-09,nord,3,Ann,2026-10-01", "error: 'nord' in the column unit is no unit. Mend: Did you mean north?"),
        ("2026-09,north,,Ann,2026-10-01", "error: The row has no value. Mend: Fill the cell."),
        ("2026-09,north,3,,2026-10-01", "error: The row has no who."),
        ("2026-09,north,3,Ann,", "error: The row has no when."),
        ("Sep-26,north,3,Ann,2026-10-01", "error: 'Sep-26' in the column period is not a day or a month."),
        ("2026-13,north,3,Ann,2026-10-01", "error: '2026-13' in the column period is not a day or a month."),
        ("2026-02-30,north,3,Ann,2026-10-01", "error: '2026-02-30' in the column period"),
        ('2026-09,north,"3,5",Ann,2026-10-01', "error: '3,5' in the column value is not a number"),
        ("2026-09,north,3 days,Ann,2026-10-01", "error: '3 days' in the column value is not a number"),
        ("2026-09,north,1e29,Ann,2026-10-01", "error: '1e29' in the column value is not a number of at most 29"),
        ("2026-09,north,3,Ann,yesterday", "error: 'yesterday' in the column when is not a day or a moment."),
        ("2026-09,north,1,250,Ann,2026-10-01", "error: The row has cells beyond the named columns."),
        (",,,,", "error: The row is empty. Mend: Remove it."),
        ("2026-11,north,3,Ann,2026-10-01", "warning: The row is for 2026-11 and was entered before that, on 2026-10-01."),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, row: str, expected: str
) -> None:
    root = manual(tmp_path, HEADER + "2026-08,north,3,Ann,2026-09-01\n" + row + "\n")
    assert any(line.startswith(f"manual/days.csv:3: {expected}") for line in said(root)), said(root)


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        ("2026-09,north,3,Ann,2026-10-01", "2026-09-30,north,4,Ann,2026-10-01", True),
        ("2026-09,north,3,Ann,2026-10-01", "2026-09,north,4,Ann,2026-10-01T00:00:00Z", True),
        ("2026-09,north,3,Ann,2026-10-01", "2026-09,north,4,Ann,2026-10-01T09:00", False),
        ("2026-09,north,3,Ann,2026-10-01", "2026-09,south,4,Ann,2026-10-01", False),
        ("2026-09,north,3,Ann,2026-10-01", "2026-08,north,4,Ann,2026-10-01", False),
    ],
)
def test_of_two_rows_entered_at_the_same_moment_none_is_the_later_one(
    tmp_path: Path, first: str, second: str, is_refused: bool
) -> None:
    root = manual(tmp_path, f"{HEADER}{first}\n{second}\n")
    twice = [line for line in said(root) if "which of them counts" in line]
    assert bool(twice) == is_refused
    assert not twice or twice[0].startswith("manual/days.csv:3: error: The row has the same")


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("key", ["2026-09,north,ann,Jo,2026-10-01"] * 2),
        ("answer", ["2026-09,north,9,Jo,2026-10-01"] * 2),
    ],
)
def test_single_answers_and_keys_may_be_alike(
    tmp_path: Path, columns: str, rows: list[str]
) -> None:
    root = manual(tmp_path, f"period,unit,{columns},who,when\n" + "\n".join(rows) + "\n")
    assert not [line for line in said(root) if "manual/" in line]


def test_nothing_entered_yet_is_a_warning(tmp_path: Path) -> None:
    assert said(manual(tmp_path, HEADER)) == [
        "manual/days.csv:1: warning: Nothing is entered yet. Mend: Enter a row for each period."
    ]


def test_a_measure_in_two_files_is_refused(tmp_path: Path) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    (root / "measures" / "days.sql").write_text("select 1")
    assert said(root) == [
        "manual/days.csv: error: The measure days is also in measures/days.sql. Mend: Keep one of the two files, or rename one."
    ]


def test_a_measure_in_a_file_and_a_workbook_is_refused(tmp_path: Path) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    (root / "manual" / "days.xlsx").write_bytes(workbook(("period",)))
    assert said(root)[0].startswith("manual/days.csv: error: There is also days.xlsx.")


def test_a_source_may_not_be_called_as_the_folder(tmp_path: Path) -> None:
    root = manual(
        tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n", ("sources.yaml", "  shop:", "  manual:")
    )  # fmt: skip
    assert (
        "sources.yaml:2: error: The source manual is the folder manual/, which has files. Mend: Rename the source."
        in said(root)
    )


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("Days.csv", "manual/Days.csv: error: Days is not an identifier."),
        ("notes.txt", "manual/notes.txt: warning: notes.txt is not read."),
        ("a" * 61 + ".csv", f"manual/{'a' * 61}.csv: error: {'a' * 61} is longer than 60 letters."),
    ],
)
def test_other_files_are_named(tmp_path: Path, name: str, starts: str) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    (root / "manual" / name).write_text(HEADER)
    assert any(line.startswith(starts) for line in said(root)), said(root)


def test_a_workbook_open_in_excel_is_passed_over(tmp_path: Path) -> None:
    root = manual(tmp_path, HEADER + "2026-09,north,3,Ann,2026-10-01\n")
    (root / "manual" / "~$days.xlsx").write_bytes(b"lock")
    assert said(root) == []


def test_of_a_workbook_the_first_sheet_is_read(tmp_path: Path) -> None:
    content = workbook(
        ("Period", "unit", "value", "who", "when"),
        (date(2026, 9, 1), "north", 3.5, "Ann", datetime(2026, 10, 1, 9, 30)),  # noqa: DTZ001 - as Excel has it
        (None, None, None, None, None),
        ("2026-08", "nord", 3, "Ann", date(2026, 10, 1)),
        more_sheets=("Notes",),
    )
    root = manual(tmp_path, content, file="days.xlsx")
    assert said(root) == [
        "manual/days.xlsx:4: error: 'nord' in the column unit is no unit. Mend: Did you mean north?"
    ]
    workspace = read_workspace(root)
    assert workspace.manual["days"].sheet == "Days"
    assert dict(workspace.manual["days"].rows[0].cells) == {
        "period": "2026-09-01", "unit": "north", "value": "3.5", "who": "Ann", "when": "2026-10-01 09:30:00",
    }  # fmt: skip


def test_a_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    root = manual(tmp_path, b"no workbook", file="days.xlsx")
    assert said(root)[0].startswith("manual/days.xlsx: error: The file is no workbook")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-09", date(2026, 9, 1)), ("2026-09-30", date(2026, 9, 1)),
        ("2026-09-01 00:00:00", date(2026, 9, 1)), ("2026-9", None), ("2026", None), ("", None),
    ],
)  # fmt: skip
def test_a_period_is_a_day_or_a_month(text: str, month: date | None) -> None:
    assert month_of(text) == month


def test_a_survey_without_answers_added_up_is_refused(tmp_path: Path) -> None:
    survey = ("strategy.yaml", "aggregation: ratio", "aggregation: ratio\n            survey: csat")
    assert any(
        "error: The KPI complaints is a survey, and its aggregation is ratio." in line
        for line in said(write(tmp_path, survey))
    )
