import re
from pathlib import Path

import pytest

from reports.audit import audit_site
from reports.site import FILE_GROUPS, GROUPS, build
from tests.reports.make_warehouse import bare_rows, make_warehouse
from tests.reports.warehouse.organisation import HOSTILE_NAME, RTL_NAME

OWN_SCRIPT = '<script src="{root}static/scorecard.js" data-decimal="." defer>'
"""The one script of a page: no name brings another."""


def _bytes(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in site.rglob("*")
        if path.is_file()
    }


def test_the_same_warehouse_gives_the_same_bytes(warehouse, site, tmp_path) -> None:
    build(warehouse, tmp_path)
    assert _bytes(tmp_path) == _bytes(site)


def test_a_release_with_no_value_at_all_is_a_sound_site(tmp_path) -> None:
    """The first night of a new organisation: no load has come, and the pages must say so rather than fail."""
    bare = make_warehouse(tmp_path / "warehouse.duckdb", bare_rows())
    build(bare, tmp_path / "site")
    assert audit_site(tmp_path / "site", bare) == []
    front = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert "<h1>No score for October 2026</h1>" in front


def test_groups_can_be_built_apart_and_make_the_same_site(warehouse, site, tmp_path) -> None:
    apart = ["kpis", "units"]
    counts = build(warehouse, tmp_path, groups=[group for group in GROUPS if group not in apart])
    counts |= build(warehouse, tmp_path, groups=apart)
    assert tuple(sorted(counts)) == tuple(sorted(GROUPS))
    assert _bytes(tmp_path) == _bytes(site)
    pages = sum(count for group, count in counts.items() if group not in FILE_GROUPS)
    assert pages == sum(path.endswith(".html") for path in _bytes(site))
    assert sum(counts.values()) == sum(not path.startswith("static/") for path in _bytes(site))


def test_an_unknown_group_is_refused_by_name(warehouse, tmp_path) -> None:
    with pytest.raises(ValueError, match="no page group charts"):
        build(warehouse, tmp_path, groups=["charts"])


def test_a_missing_warehouse_is_refused(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="run the nightly job"):
        build(tmp_path / "warehouse.duckdb", tmp_path / "site")


def test_hostile_names_show_as_text(site) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        scripts = re.findall(r"<script[^>]*>", text, flags=re.IGNORECASE)
        assert scripts == [OWN_SCRIPT.format(root="../" * (len(path.relative_to(site).parts) - 1))]
        assert "<img" not in text.lower()
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; =cmd|x" in front
    assert HOSTILE_NAME not in front


def test_names_from_outside_keep_their_own_direction(site) -> None:
    assert f"<bdi>{RTL_NAME}</bdi>" in (site / "units/north.html").read_text(encoding="utf-8")


def test_run_ids_and_clock_times_stand_on_the_release_page_alone(site) -> None:
    """Two runs on the same data must give the same pages, or a reader's cache and a diff are worth nothing."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        named = re.search(r"\d{8}T\d{6}Z-[0-9a-z]{6}|\b\d\d:\d\d UTC", text)
        assert bool(named) == (path.name == "releases.html"), path


def test_every_page_names_its_release_and_month(site) -> None:
    for path in site.rglob("*.html"):
        assert "Release r-0123456789: October 2026" in path.read_text(encoding="utf-8")


def test_both_dark_blocks_hold_the_same_values(site) -> None:
    tokens = (site / "static/tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r"color-scheme:dark;(.*?)\}", tokens, flags=re.DOTALL)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()
