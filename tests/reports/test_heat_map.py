"""The heat map: a cell per KPI and month, with the score and the status of the warehouse."""

import duckdb

from reports.render import render
from reports.site import build
from reports.views.heat_map import heat_map_page
from tests.reports.make_warehouse import bare_rows, make_warehouse


def test_every_cell_has_the_score_of_its_month(edition, warehouse) -> None:
    page = heat_map_page(edition)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select kpi_id, score from scorecard.kpi_score where grain = 'month' and unit_id = ? and period_start_date = ?",
            [edition.organisation_id, edition.month],
        ).fetchall()
    scores = dict(found)
    cells = {row.href: row.cells[-1].score for group in page.groups for row in group.rows}
    applies = edition.strategy.kpis_of_unit[edition.organisation_id]
    assert len(cells) == len(applies)
    for kpi in applies:
        score = scores.get(kpi)
        edges = edition.edges_of(edition.strategy.kpis[kpi])
        written = "" if score is None else edges.write(score)
        assert cells[edition.kpi_href(kpi, edition.organisation_id)] == written


def test_every_cell_says_kpi_month_and_status_and_colour_is_not_the_only_sign(edition) -> None:
    page = heat_map_page(edition)
    month = edition.language.month(edition.month)
    for group in page.groups:
        for row in group.rows:
            assert len(row.cells) == len(page.months) == 24
            last = row.cells[-1]
            assert last.title.startswith(f"{row.name}, {month}: ")
            assert last.title.endswith(last.mark.word)
    text = render("heat_map", page)
    cells = sum(len(row.cells) for group in page.groups for row in group.rows)
    assert text.count('<span class="vh">') == cells


def test_every_row_leads_to_its_kpi_and_every_month_to_its_page(edition, site) -> None:
    text = (site / "heat-map.html").read_text(encoding="utf-8")
    for kpi in edition.strategy.kpis_of_unit[edition.organisation_id]:
        assert f'<th scope="row"><a href="kpis/{kpi}.html">' in text
    for month in edition.past_months[-23:]:
        assert f'href="periods/{month:%Y-%m}.html"' in text


def test_a_narrow_screen_keeps_the_last_six_months(edition) -> None:
    page = heat_map_page(edition)
    assert [column.is_old for column in page.months] == [True] * 18 + [False] * 6


def test_without_any_value_every_cell_is_without_data(tmp_path) -> None:
    bare = make_warehouse(tmp_path / "warehouse.duckdb", bare_rows())
    build(bare, tmp_path / "site", groups=["heat_map"])
    text = (tmp_path / "site/heat-map.html").read_text(encoding="utf-8")
    assert "No KPI off track" in text
    assert "status--off_track" not in text.partition('id="reading"')[0].partition("read-h")[0]
