from datetime import date

import pytest

from reports.edition import Edition
from reports.language import language_of
from reports.movement import change, movement
from reports.periods import add_months
from reports.rows import Score
from reports.status import kpi_status, node_status

HEADLINE = date(2026, 10, 1)
BRITISH = language_of("en_GB", "EUR")


def _score(
    month, signal=None, *, actual=1.0, low=0.5, band="on_track", state="current", of=None
) -> Score:
    return Score(
        "k", "u", month, "month", actual, of or month, 0.0, 1.0, None, None, 70.0 if band else None, band, state,
        signal, low, 1.5, 1.0, None, None,
    )  # fmt: skip


def _moved(edition: Edition, kpi_id: str, *signals, **last):
    kpi = edition.strategy.kpis[kpi_id]
    months = [add_months(HEADLINE, -back) for back in range(len(signals) - 1, -1, -1)]
    scores = {month: _score(month, signal) for month, signal in zip(months, signals, strict=True)}
    scores[HEADLINE] = _score(HEADLINE, signals[-1], **last)
    return movement(kpi, scores, HEADLINE)


@pytest.mark.parametrize(
    ("kpi", "signals", "words"),
    [
        ("net_sales", (None, "high"), "Better, new"),
        ("net_sales", (None, "low"), "Worse, new"),
        ("green_cost", (None, "high"), "Worse, new"),
        ("green_cost", (None, "low"), "Better, new"),
        ("net_sales", (None, "shift_up", "high", "near_high"), "better since Aug"),
        ("net_sales", ("low", "high"), "Better, new"),
        ("net_sales", ("high", None), "no change"),
    ],
)
def test_a_change_is_a_signal_or_no_change(edition, kpi, signals, words) -> None:
    assert change(_moved(edition, kpi, *signals), HEADLINE, BRITISH).text == words


def test_too_few_months_are_no_verdict(edition) -> None:
    assert (
        change(_moved(edition, "net_sales", None, low=None), HEADLINE, BRITISH).text
        == "too few months"
    )


@pytest.mark.parametrize(
    "last", [{"actual": None}, {"of": add_months(HEADLINE, -1), "state": "stale"}]
)
def test_a_missing_or_stale_month_did_not_move(edition, last) -> None:
    assert (
        change(_moved(edition, "net_sales", "high", **last), HEADLINE, BRITISH).text == "not known"
    )


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
