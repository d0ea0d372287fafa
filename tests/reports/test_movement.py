from datetime import date

import pytest

from reports.movement import Movement, change, movement
from reports.standing import standing
from reports.warehouse.rows import Moved, Score
from reports.words.language import Calendar, language_of
from reports.words.status import kpi_status, node_status

HEADLINE = date(2026, 10, 1)
CALENDAR = Calendar(language_of("en_GB", "EUR"))


def _score(month, *, band="on_track", state="current") -> Score:
    return Score(
        "k", "u", month, "month", 1.0, month, [], 0.0, 1.0, 70.0 if band else None, band, state,
        None, 0.5, 1.5, 1.0,
    )  # fmt: skip


def _moved(kind, signal=None, *, is_better=None, since=None) -> Movement:
    return movement(Moved("k", "u", HEADLINE, "month", kind, signal, since, is_better))


@pytest.mark.parametrize(
    ("moved", "words", "arrow"),
    [
        (_moved("new_signal", "high", is_better=True, since=HEADLINE), "Better, new", "↑"),
        (_moved("new_signal", "high", is_better=False, since=HEADLINE), "Worse, new", "↑"),
        (_moved("new_signal", "shift_down", is_better=True, since=HEADLINE), "Better, new", "↓"),
        (_moved("new_signal", "low", since=HEADLINE), "Lower, new", "↓"),
        (_moved("kept_signal", "near_high", is_better=True, since=date(2026, 8, 1)), "better since Aug", "↑"),
        (_moved("kept_signal", "low", is_better=False, since=date(2024, 8, 1)), "worse since Aug 2024", "↓"),
        (_moved("no_change"), "no change", ""),
        (_moved("too_short"), "too few months", ""),
        (movement(None), "not known", ""),
    ],
)  # fmt: skip
def test_a_change_is_a_signal_or_no_change(moved, words, arrow) -> None:
    """Without a direction, and without a score that tells, a signal is neither better nor worse."""
    since = CALENDAR.short("month", moved.since, near=HEADLINE) if moved.since else ""
    found = change(moved, since)
    assert (found.text, found.arrow) == (words, arrow)


def test_a_quarterly_kpi_moved_in_its_own_period(edition) -> None:
    item = standing(edition, edition.strategy.kpis["carbon"], "kettle")
    assert (item.start, item.moved.kind) == (date(2026, 1, 1), "too_few")
    assert change(item.moved, "", grain=item.grain).text == "too few half-years"


@pytest.mark.parametrize("kpi", ["first_reply", "training", "certified"])
def test_a_missing_stale_or_unverified_period_did_not_move(edition, kpi) -> None:
    assert standing(edition, edition.strategy.kpis[kpi], "kettle").moved.kind == "unknown"


@pytest.mark.parametrize(
    ("band", "state", "keys"),
    [
        ("on_track", "current", ["on_track"]),
        ("on_track", "stale", ["stale"]),
        ("off_track", "stale", ["off_track", "stale"]),
        (None, "no_target", ["no_target"]),
        (None, "unverified", ["unverified"]),
        (None, "no_data", ["no_data"]),
    ],
)
def test_stale_good_news_is_not_good_news_and_stale_bad_news_stays_bad(band, state, keys) -> None:
    assert [
        mark.key for mark in kpi_status(_score(HEADLINE, band=band, state=state), None).marks
    ] == keys


def test_a_parent_says_its_gate_and_what_is_worse_below(edition) -> None:
    node = edition.results.nodes["objective", "deliver", "kettle"][HEADLINE]
    assert node_status(node).notes == ("gate",)
    green = node._replace(is_gated=False, band="on_track", off_track_below_count=2)
    assert node_status(green).notes == ("2 off track below",)


def test_a_parent_below_its_coverage_has_no_score_rather_than_no_data(edition) -> None:
    node = edition.results.nodes["objective", "deliver", "kettle"][HEADLINE]
    status = node_status(node._replace(score=None, band=None, data_state="no_data", coverage=0.4))
    assert status.words == "No score"
