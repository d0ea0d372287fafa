from reports.edition import Edition
from reports.standing import standing
from reports.views.derivation import EffectRow, derivation


def _effects(edition: Edition, kpi_id: str, unit_id: str) -> tuple[EffectRow, ...]:
    page = edition.at(1)
    return derivation(page, standing(page, page.strategy.kpis[kpi_id], unit_id)).effects


def test_a_score_says_what_it_did_to_each_level_above(edition: Edition) -> None:
    found = _effects(edition, "complaints", edition.strategy.scorecard.organisation_id)
    assert [(row.level, row.score, row.coverage, row.share, row.lost, row.moved) for row in found] == [
        ("Objective", "7", "50%", "50%", "93.33", "−59.04"),
        ("Perspective", "41", "75%", "50%", "46.67", "−29.52"),
        ("Scorecard", "49", "85%", "30%", "17.57", "−8.35"),
    ]  # fmt: skip
    assert [row.scored_share for row in found] == ["100% of those with a score", "", ""]
    assert [row.status.words for row in found] == ["Off track", "At risk", "At risk"]


def test_a_held_back_score_did_nothing_that_could_be_told(edition: Edition) -> None:
    found = _effects(edition, "nps", "north_station")
    assert [row.level for row in found] == ["Objective", "Perspective", "Scorecard"]
    assert (found[0].score, found[0].lost, found[0].moved) == ("none", "none", "none")
