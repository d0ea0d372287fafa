"""The terminal and the page tell the same derivation: every figure of a KPI's page is in what `steelyard explain` prints."""

import io
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipelines import explained
from pipelines.starter import write_starter
from reports.words.language import Edges, Language, language_of
from reports.words.status import WORDS
from transforms.explanation import explain
from transforms.explanation_parts import Effect, Explanation, Load


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the starting workspace as a person would."""
    folder = tmp_path_factory.mktemp("starter")
    write_starter(folder / "workspace")
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run", "--workspace", str(folder / "workspace")],
        env={**os.environ, "STEELYARD_HOME": str(folder / "state")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "state" / "current").resolve()


@pytest.fixture(scope="module")
def warehouse(release: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(release / "warehouse.duckdb"), read_only=True)


class _Derivation(HTMLParser):
    """Gathers the text of the section where the number comes from."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section" and (self.depth or dict(attrs).get("id") == "derivation"):
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self.depth:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text.append(data)


class _Text(HTMLParser):
    """Gathers all text."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def figures(text: str) -> set[str]:
    """Give every number of a text as it is written, and ids of definitions as far as pages show them."""
    ids = re.findall(r"\bd-[0-9a-f]+", text)
    plain = re.sub(r"\bd-[0-9a-f]+", " ", text)
    return {*re.findall(r"\d(?:[\d.,]*\d)?", plain), *(each[:12] for each in ids)}


def page_of(release: Path, kpi: str) -> str:
    """Give the text of a KPI's derivation for the organisation."""
    (page,) = [
        path for path in release.glob(f"site/**/{kpi}*.html") if 'id="derivation"' in path.read_text("utf-8")
    ][:1]  # fmt: skip
    parser = _Derivation()
    parser.feed(page.read_text("utf-8"))
    return " ".join(parser.text)


def kpis(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    return [kpi for (kpi,) in warehouse.execute("select kpi_id from scorecard.dim_kpi").fetchall()]


def test_every_figure_of_the_page_is_in_the_terminal(
    release: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    missing = {}
    for kpi in kpis(warehouse):
        out = io.StringIO()
        explained.show(explain(warehouse, kpi), Console(file=out, highlight=False, soft_wrap=True))
        page = page_of(release, kpi)
        assert "Score" in page or "No score" in page
        missing[kpi] = figures(page) - figures(out.getvalue())
    assert {kpi: numbers for kpi, numbers in missing.items() if numbers} == {}


def whole_page(release: Path, kpi: str) -> str:
    """Give all text of a KPI's page for the organisation, on one line."""
    parser = _Text()
    parser.feed((release / "site" / "kpis" / f"{kpi}.html").read_text("utf-8"))
    return " ".join(" ".join(parser.text).split())


def language(found: Explanation) -> Language:
    return language_of(found.kpi.locale, found.kpi.currency_code)


def used_loads(found: Explanation) -> list[Load]:
    """Give the loads that a page shows: of each table those that count, as many as the terminal shows."""
    used: dict[str, list[Load]] = {}
    for load in found.loads:
        if load.is_selected:
            used.setdefault(load.table, []).append(load)
    return [load for loads in used.values() for load in loads[: explained.SHOWN_LOADS]]


def moment(found: Explanation, load: Load) -> str:
    """Write the day on which a load was extracted, beside its id, as a page does; no page tells the clock."""
    return f"{load.load_id} {language(found).short_day(load.extracted_at.date())}"


def effect_of(found: Explanation, effect: Effect) -> str:
    """Write what a score did to one level above as a row of a page's text: a cell, a space, a cell."""
    write = language(found)
    edges = Edges(found.kpi.parents_on_track_edge, found.kpi.parents_at_risk_edge, write)
    marks = [effect.band or effect.data_state]
    gate = ["gate"] if effect.is_gated else []
    is_told = effect.data_state in {"stale", "unverified"}
    below = [f"{effect.data_state} below"] if effect.band and is_told else []
    share, scored = write.percent(effect.given_share), write.percent(effect.weight_share)
    differs = effect.weight_share is not None and share != scored
    cells = [
        effect.level.capitalize(),
        effect.name,
        edges.write(effect.score),
        *(WORDS[mark] for mark in marks),
        *gate,
        *below,
        write.percent(effect.coverage),
        share,
        *([f"{scored} of those with a score"] if differs else []),
        write.number(effect.points_lost, 2),
        write.signed(effect.contribution, 2),
    ]
    return " ".join(cells)


def test_the_page_holds_each_step_of_the_derivation(
    release: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """The other way round: a page that left out a step would agree with the terminal in all the rest."""
    missing = []
    for kpi in kpis(warehouse):
        found, page = explain(warehouse, kpi), whole_page(release, kpi)
        assert found.score is not None
        steps = {
            "rule": found.kpi.rule,
            "definition": found.kpi.definition_id[:12],
            **{f"SQL of {each.table}": " ".join(each.text.split()) for each in found.sql},
            **{f"rows of {each.table}": f"Rows: {each.row_count}." for each in found.sql},
            **{f"load of {each.table}": each.load_id for each in found.loads},
            **{f"time of {each.load_id}": moment(found, each) for each in used_loads(found)},
            **{f"effect on {each.level}": effect_of(found, each) for each in found.effects},
            "weight in its objective": f"in {found.effects[0].name}",
            "its objective's score": f"It stands under {found.effects[0].name} (score ",
            "what it did to the scorecard": "cost the scorecard",
            "targets": "Targets, and since when",
            "what was reported before": "as it was first reported",
        }
        assert [each.level for each in found.effects] == ["objective", "perspective", "scorecard"]
        assert used_loads(found)
        missing += [(kpi, step) for step, text in steps.items() if text not in page]
    assert missing == []
