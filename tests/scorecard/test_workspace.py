"""Reading a workspace: everything wrong is said at once, with file, line and the mend."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard.findings import WorkspaceError
from scorecard.workspace import read_workspace
from tests.scorecard.small import COMMENT, FILES, Edit, write


def problems(root: Path) -> list[str]:
    """Give the findings of reading the workspace below `root`, one line each."""
    with pytest.raises(WorkspaceError) as caught:
        read_workspace(root)
    return [str(finding) for finding in caught.value.findings]


def test_a_flawless_workspace_is_read_with_the_line_of_each_entry(tmp_path: Path) -> None:
    workspace = read_workspace(write(tmp_path))
    assert [kpi.id for _, _, kpi in workspace.strategy.kpis()] == ["revenue", "complaints", "delay"]
    assert workspace.targets[1].best == Decimal(0)
    assert workspace.targets[1].line == 3
    assert workspace.comments[0].period == date(2026, 9, 1)
    assert workspace.comments[0].unit == "north"
    assert (
        workspace.line("strategy.yaml", "perspectives", 1, "objectives", 0, "kpis", 0, "id") == 25
    )
    assert workspace.line("strategy.yaml", "links", 1, "effect") == 48
    assert workspace.line("strategy.yaml", "links", 1, "nothing", 7) == 48


KEYS = [
    # an edit, the finding's beginning, a part of the mend
    (("company.yaml", "currency: EUR", "curency: EUR"), "company.yaml:11: error: The file knows no key curency.", "Did you mean currency?"),
    (("company.yaml", "currency: EUR\n", ""), "company.yaml:1: error: The file lacks the key currency", "Add `currency: …`."),
    (("company.yaml", "locale: en", "locale: en\nlocale: de"), "company.yaml:15: error: The key locale is here a second time; the first is in line 14.", "Keep one"),
    (("company.yaml", "id: north", "id: North-West"), "company.yaml:6: error: 'North-West' is not an identifier.", "north_west"),
    (("company.yaml", "{id: south, name: South}", "{id: south, nam: South}"), "company.yaml:10: error: trees[1].units[2] knows no key nam.", "Did you mean name?"),
    (("company.yaml", "today: 2026-10-05", "today: 20261005"), "company.yaml:15: error: today ", "Write days as 2026-09-30."),
    (("company.yaml", "today: 2026-10-05", "fiscal_year_start_month: 13"), "company.yaml:15: error: fiscal_year_start_month must be 12 or less, and is '13'.", "Write 12 or less."),
    (("company.yaml", "locale: en", "locale: 7"), "company.yaml:14: error: locale must be text, and '7' is not.", "quotes"),
    (("company.yaml", "trees:", "trees: [}"), "company.yaml:2: error: YAML syntax: ", "Check the indentation"),
    (("company.yaml", "currency: EUR", "currency: !!python/object:os.system EUR"), "company.yaml:11: error: The tag tag:yaml.org,2002:python/object:os.system is not let through.", "without a tag"),
    (("company.yaml", "currency: EUR", "<<: {currency: EUR}"), "company.yaml:11: error: Merge keys", "Write the keys out"),
    (("company.yaml", "currency: EUR", "currency: *other"), "company.yaml:11: error: The alias *other names no anchor", "&other"),
    (("company.yaml", "locale: en", "locale: en\n---\nlocale: de"), "company.yaml:15: error: The file holds a second document.", "---"),
    (("company.yaml", "locale: en", "locale: \x07"), "company.yaml:14: error: The character U+0007", "Take it out."),
    (("company.yaml", "", "- a\n- b\n"), "company.yaml:1: error: The file must hold keys with values.", "key: value"),
    (("company.yaml", "", ""), "company.yaml: error: The file lacks the key organisation", "Add `organisation"),
    (("sources.yaml", "kind: rest", "kind: soap"), "sources.yaml:12: error: sources.crm has no known kind.", "'rest'"),
    (("sources.yaml", "path: /customers", "pth: /customers"), "sources.yaml:19: error: sources.crm.tables.customer knows no key pth.", "Did you mean path?"),
    (("sources.yaml", "primary_key: [sale_id]", "primary_key: sale_id"), "sources.yaml:10: error: primary_key must be a list, and is 'sale_id'.", "list"),
    (("sources.yaml", "token: ${CRM_TOKEN}", "token: [hunter2]"), "sources.yaml:16: error: token must be text, and is what is written there.", "Write some text."),
    (("strategy.yaml", "aggregation: sum", "aggregation: summ"), "strategy.yaml:15: error: aggregation cannot be 'summ'.", "Did you mean sum?"),
    (("strategy.yaml", "is_leading: true", "is_leading: true\n            weight: -1"), "strategy.yaml:18: error: weight must be 0 or more, and is '-1'.", "Write 0 or more."),
    (("strategy.yaml", "is_leading: true", "is_leading: true\n            weight: .inf"), "strategy.yaml:18: error: weight ", "finite"),
    (("strategy.yaml", "is_leading: true", "is_leading: true\n            weight: [{valid_frm: 2026-01-01, weight: 1}]"), "strategy.yaml:18: error: ", "valid_from"),
    (("initiatives.yaml", "end: 2026-12-31", "end: 31.12.2026"), "initiatives.yaml:7: error: end ", "2026-09-30"),
    (("contracts/shop__sale.yaml", "row_rules:", "row_rule:"), "contracts/shop__sale.yaml:4: error: The file knows no key row_rule.", "Did you mean row_rules?"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said", "mend"), KEYS, ids=lambda value: str(value)[:60])
def test_a_flaw_in_yaml_is_said_with_its_line(
    tmp_path: Path, edit: Edit, said: str, mend: str
) -> None:
    found = problems(write(tmp_path, edit))
    assert any(line.startswith(said) and mend in line for line in found), "\n".join(found)


def test_every_flaw_of_every_file_is_said_at_once(tmp_path: Path) -> None:
    """One error per run would make a first workspace a day's work."""
    root = write(
        tmp_path,
        ("company.yaml", "currency: EUR", "curency: EUR"),
        ("strategy.yaml", "aggregation: sum", "aggregation: summ"),
        ("targets.csv", "900", "9OO"),
        ("commentary/revenue/2026-09.md", "unit: north", "unti: north"),
    )
    files = [line.split(":")[0] for line in problems(root)]
    assert files == [
        "commentary/revenue/2026-09.md",
        "company.yaml",
        "company.yaml",
        "strategy.yaml",
        "targets.csv",
    ]


def test_aliases_that_unfold_to_billions_are_refused(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    found = problems(write(tmp_path, ("company.yaml", "", "\n".join(rows))))
    assert found[0].startswith("company.yaml:6: error: It unfolds to more than")


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    found = problems(write(tmp_path, ("company.yaml", "", "a: " + "[" * 5000)))
    assert found[0].startswith("company.yaml:1: error: Nested more than")


def test_an_anchor_serves_where_it_is_repeated(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        ("strategy.yaml", "owner: Jo", "owner: &jo Jo"),
        ("strategy.yaml", "            owner: Jo", "            owner: *jo"),
    )
    assert read_workspace(root).strategy.perspectives[0].objectives[0].kpis[0].owner == "Jo"


def test_no_stays_norway(tmp_path: Path) -> None:
    """YAML 1.1 reads an unquoted `no` as false; a unit of that id vanished."""
    root = write(tmp_path, ("company.yaml", "id: south", "id: no"))
    assert "no" in [unit.id for _, unit, _, _ in read_workspace(root).company.units()]


def test_a_secret_is_never_repeated_in_a_finding(tmp_path: Path) -> None:
    root = write(tmp_path, ("sources.yaml", "token: ${CRM_TOKEN}", "token: {a: hunter2}"))
    assert "hunter2" not in "\n".join(problems(root))


PAIRS = "kpi,unit,per,valid_from,points\n"
TARGETS = [
    (("targets.csv", "900,1200", "nan,1200"), "targets.csv:2: error: red must be a finite number, and is 'nan'.", "finite"),
    (("targets.csv", "900,1200", "900,inf"), "targets.csv:2: error: target must be a finite number", "finite"),
    (("targets.csv", "900,1200", "900,1e400"), "targets.csv:2: error: target ", ""),
    (("targets.csv", "900,1200", '900,"1,200"'), "targets.csv:2: error: target ", "thousands separators"),
    (("targets.csv", "revenue,acme,year", "revenue,,year"), "targets.csv:2: error: The row has no unit.", ""),
    (("targets.csv", "", f"{PAIRS}revenue,acme,month,2026-01-01,0:0 10\n"), "targets.csv:2: error: '10' in points has no score.", "0:0 10:80 20:100"),
    (("targets.csv", "", f"{PAIRS}revenue,acme,month,2026-01-01,0:0 ten:80\n"), "targets.csv:2: error: 'ten:80' in points is no value with a score.", "0:0 10:80 20:100"),
    (("targets.csv", "", f"{PAIRS}revenue,acme,month,2026-01-01,0:0:5\n"), "targets.csv:2: error: '0:0:5' in points is no value with a score.", "0:0 10:80 20:100"),
    (("targets.csv", "", f"{PAIRS}revenue,acme,month,2026-01-01,0:nan 1:5\n"), "targets.csv:2: error: '0:nan' in points is no value with a score.", "0:0 10:80 20:100"),
    (("targets.csv", "", f"{PAIRS}revenue,acme,month,2026-01-01,0:0 1e40:5\n"), "targets.csv:2: error: An entry of points must be", "1e+29 or less"),
    (("targets.csv", "best\n", "tolerance\n"), "targets.csv:3: error: tolerance must be more than 0", "more than 0"),
    (("targets.csv", "0.05,0.02", "5 %,0.02"), "targets.csv:3: error: red ", "0.05 for 5 %"),
    (("targets.csv", "delay,acme,month,2026-01-01", "delay,acme,month,1.1.2026"), "targets.csv:4: error: valid_from ", "2026-09-30"),
    (("targets.csv", "delay,acme,month,2026-01-01", "delay,acme,month,86400"), "targets.csv:4: error: valid_from ", "2026-09-30"),
    (("targets.csv", "delay,acme,month", "delay,acme,week"), "targets.csv:4: error: per cannot be 'week'.", "'month'"),
    (("targets.csv", "5,3,,", "5,3,,,7,8"), "targets.csv:4: error: The row has 10 cells, the header 8.", "thousands"),
    (("targets.csv", "kpi,unit,per,valid_from", "kpi,unit,per,valid_form"), "targets.csv:1: error: There is no column valid_form", "Did you mean valid_from?"),
    (("targets.csv", "kpi,unit,per,valid_from,red", "kpi,unit,per,red"), "targets.csv:1: error: The column valid_from is missing.", "kpi,unit,per"),
    (("targets.csv", "worst,best", "worst,worst"), "targets.csv:1: error: The column worst is here twice.", "Keep one"),
    (("targets.csv", "", "kpi;unit;per;valid_from;red;target\nrevenue;acme;year;2026-01-01;1,5;2\n"), "targets.csv:1: error: The columns are separated by semicolons.", "commas"),
    (("targets.csv", "", 'kpi,unit\n"a'), "targets.csv: error: CSV: ", "quote"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "said", "mend"), TARGETS, ids=lambda value: str(value)[:60])
def test_a_flaw_in_targets_is_said_with_its_line(
    tmp_path: Path, edit: Edit, said: str, mend: str
) -> None:
    found = problems(write(tmp_path, edit))
    assert any(line.startswith(said) and mend in line for line in found), "\n".join(found)


@pytest.mark.parametrize(
    "cell",
    ["0:0 10:80 20:100", "0:0;10:80;20:100", " 0 : 0 ; 10:80;  20:100; ", "0.0:0  10:80\t20:100"],
)
def test_pairs_of_value_and_score_are_written_in_one_cell(tmp_path: Path, cell: str) -> None:
    text = f"{PAIRS}revenue,acme,month,2026-01-01,{cell}\n"
    (target,) = read_workspace(write(tmp_path, ("targets.csv", "", text))).targets
    assert target.points == ((0, 0), (10, 80), (20, 100))


def test_targets_may_carry_a_byte_order_mark_comments_and_empty_lines(tmp_path: Path) -> None:
    text = "\ufeff" + FILES["targets.csv"].replace("revenue,", "\n# yearly\nrevenue,").replace(
        "\n", "\r\n"
    )
    workspace = read_workspace(write(tmp_path, ("targets.csv", "", text)))
    assert [(target.kpi, target.line) for target in workspace.targets] == [
        ("revenue", 4),
        ("complaints", 5),
        ("delay", 6),
    ]


COMMENTS = [
    (COMMENT.replace("unit: north", "unti: north"), "2026-09.md:3: error: The header cannot hold: unti.", "Did you mean unit?"),
    (COMMENT.replace("---\nA", "A"), "2026-09.md:1: error: The header is not closed.", "---"),
    ("---\nauthor: Jo\n---\n", "2026-09.md:1: error: The comment says nothing.", "text"),
    (COMMENT.replace("unit: north", "unit: North!"), "2026-09.md:3: error: 'North!' is not an identifier.", "north"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "mend"), COMMENTS)
def test_a_flaw_in_a_comment_is_said_with_its_line(
    tmp_path: Path, text: str, said: str, mend: str
) -> None:
    found = problems(write(tmp_path, ("commentary/revenue/2026-09.md", "", text)))
    assert found[0].startswith(f"commentary/revenue/{said}")
    assert mend in found[0]


def test_a_comment_is_called_after_its_month(tmp_path: Path) -> None:
    found = problems(write(tmp_path, ("commentary/revenue/2026-13.md", "", "Good.")))
    assert found == [
        "commentary/revenue/2026-13.md: error: 2026-13 is not a month. "
        "Mend: Call the file after the month that it speaks of: 2026-09.md."
    ]


FILE_FLAWS = [
    (("strategy.yaml",), None, "strategy.yaml: error: The file is missing."),
    (("strategy.yaml",), ("strategy.yml", "x: 1"), "strategy.yml: error: Steelyard reads files that end in .yaml. Mend: Rename it to strategy.yaml."),
    ((), ("contracts/shop__sale.yml", "x: 1"), "contracts/shop__sale.yml: error: Steelyard reads"),
    ((), ("measures/Net Revenue.sql", "select 1"), "measures/Net Revenue.sql: error: Net Revenue is not an identifier."),
]  # fmt: skip


@pytest.mark.parametrize(("without", "extra", "said"), FILE_FLAWS)
def test_a_missing_or_misnamed_file_is_said(
    tmp_path: Path, without: tuple[str, ...], extra: tuple[str, str] | None, said: str
) -> None:
    edits = [(extra[0], "", extra[1])] if extra else []
    assert problems(write(tmp_path, *edits, without=without))[0].startswith(said)


def test_a_file_in_another_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "company.yaml").write_bytes(b"organisation:\n  name: K\xf6ln\n")
    assert problems(tmp_path)[0].startswith("company.yaml:2: error: The file is not in UTF-8.")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "steelyard init" in problems(tmp_path / "nowhere")[0]


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=200)
NAMES = sorted(name for name in FILES if not name.endswith(".sql"))


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(NAMES), cut=st.floats(0, 1), junk=TEXT, length=st.integers(0, 40))
def test_whatever_a_file_says_only_findings_come_out(
    tmp_path: Path, name: str, cut: float, junk: str, length: int
) -> None:
    text = FILES[name]
    at = int(cut * len(text))
    write(tmp_path, (name, "", text[:at] + junk + text[at + length :]))
    try:
        read_workspace(tmp_path)
    except WorkspaceError as error:
        assert all(finding.message and finding.mend for finding in error.findings)  # noqa: PT017


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300))
def test_whatever_bytes_a_file_holds_only_findings_come_out(tmp_path: Path, content: bytes) -> None:
    write(tmp_path)
    (tmp_path / "strategy.yaml").write_bytes(content)
    assert problems(tmp_path)
