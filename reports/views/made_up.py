"""What the page of components shows: KPIs, scores, sources and a chart that never were, one for each state.

Not here: the page itself (components), how a real one is made (card, roll, sources, chart).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from reports.card import Card, KpiRow, ObjectiveRow, PerspectiveRow
from reports.edition import Edition
from reports.figures.chart import Chart, Judged, Month, Reading, chart
from reports.figures.small import Beam, Hung, Spark, beam, bullet, spark
from reports.movement import Change
from reports.periods import months_until
from reports.roll import Roll, RollRow
from reports.words.language import NONE, Scale
from reports.words.status import Status, mark
from reports.words.text import Part, later, say

HERE = "#main"
"""Where made-up names lead: back to the page itself."""
LONG_NAME = (
    "Orders of wholesale customers that were picked, packed and handed over without an error "
    "in the same working week, counted by the customer’s own calendar"
)
RTL_NAME = "رضا العملاء في المتاجر"
HOSTILE = '<b>Returns</b> & "exchanges" =1+1'
WAVE = (0.2, 0.5, 0.3, 0.6, 0.4, 0.7, 0.5, 0.3, 0.6, 0.5, 0.4, 0.6)
USUAL = (0.15, 0.75)
MONTHS = 24


@dataclass(frozen=True)
class Case:
    """A made-up KPI, as numbers: what state it stands for, and what makes the state."""

    state: str
    name: str
    score: float | None
    status: tuple[str, ...]
    actual: float | None = None
    target: float | None = 50.0
    change: str = ""
    """Key of the word in the change column: none, or of a signal."""
    decimals: int = 0
    mark: str = ""
    is_restated: bool = False
    gap: int = 0
    """How many of its last months are missing."""
    is_silent: bool = False
    """Nothing of it is known in any month."""


CASES = (
    Case(later("On track"), "Orders picked without error", 79, ("on_track",), 62),
    Case(later("At risk"), "Gross margin", 51, ("at_risk",), 48.6, decimals=1),
    Case(later("Off track, with a new signal"), "Deliveries on time", 24, ("off_track",), 31.2, change="worse", decimals=1),
    Case(later("Better, with a new signal"), "Complaints answered", 88, ("on_track",), 70, change="better"),
    Case(later("Restated"), "Net sales", 71, ("on_track",), 55, is_restated=True),
    Case(later("No data"), "First reply", None, ("no_data",), gap=3),
    Case(later("Never any data"), "Carbon per cup", None, ("no_data",), is_silent=True),
    Case(later("Stale"), "Training hours", 86, ("stale",), 66, mark=later("from September")),
    Case(later("Off track, and stale"), "Staff turnover", 12, ("off_track", "stale"), 21, mark=later("from September")),
    Case(later("Unverified"), "Returns", None, ("unverified",), gap=4),
    Case(later("No target"), "Research share of sales", None, ("no_target",), 3.4, None, decimals=1),
    Case(later("Suppressed"), "Trust in leadership", None, ("suppressed",), is_silent=True),
    Case(later("Score of zero"), "Waste of green coffee", 0, ("off_track",), 9),
    Case(later("Value of zero"), "Accidents at work", 100, ("on_track",), 0, 2),
    Case(later("Negative value"), "Return on investment", 8, ("off_track",), -3.4, 2.5, decimals=1),
    Case(later("Score above 100"), "Sales to plan", 118, ("on_track",), 59),
    Case(later("Near the edge of a band"), "Days of stock", 66.52, ("at_risk",), 49),
    Case(later("Very long name"), LONG_NAME, 70, ("on_track",), 1234567, 1200000),
    Case(later("Name written from right to left"), RTL_NAME, 45, ("at_risk",), 41),
    Case(later("Name that looks like markup or a formula"), HOSTILE, 60, ("at_risk",), 48),
)  # fmt: skip
CHANGES = {
    "": (later("no change"), "", "quiet"),
    "worse": (later("Worse, new"), "↓", "strong"),
    "better": (later("Better, new"), "↑", "strong"),
}


def made_up_card(edition: Edition) -> Card:
    """Return a scorecard with a KPI in every state, each under the state's name."""
    objectives = tuple(
        ObjectiveRow(
            id=f"case-{at}",
            name=say(case.state),
            href=HERE,
            note="",
            score="",
            status=Status(()),
            kpis=(_row(edition, case),),
        )
        for at, case in enumerate(CASES, start=1)
    )
    whole = PerspectiveRow(
        id="cases", name="", href=HERE, note="", held_by=(), score="", status=Status(()), objectives=objectives,
    )  # fmt: skip
    return Card((whole,), len(CASES), len(CASES), is_linear=True)


def _row(edition: Edition, case: Case) -> KpiRow:
    edges, number = edition.edges, edition.language.number
    word, arrow, style = CHANGES[case.change]
    score = edges.write(case.score)
    gap = (
        None if case.actual is None or case.target is None else round(case.actual - case.target, 1)
    )
    return KpiRow(
        id="",
        name=case.name,
        href=HERE,
        unit="",
        marks=(say(case.mark),) if case.mark else (),
        is_restated=case.is_restated,
        actual=number(case.actual, case.decimals),
        target=number(case.target, case.decimals),
        is_words=False,
        gap="" if gap is None else edition.language.signed(gap, case.decimals),
        bullet=bullet(
            case.score,
            title=say("No score") if case.score is None else say("Score {score}", score=score),
            at_risk=edition.edges.at_risk,
            on_track=edition.edges.on_track,
        ),
        bullet_note=say("no target set") if "no_target" in case.status else "",
        score=score,
        status=Status(tuple(mark(key) for key in case.status)),
        spark=_spark(case),
        change=Change(say(word), arrow, style),
        owner=say("Owner"),
    )


def _spark(case: Case) -> Spark:
    values: list[float | None] = [*WAVE, *WAVE]
    if case.change:
        values[-1] = 0.0 if case.change == "worse" else 1.0
    known: list[float | None] = values[: MONTHS - case.gap] + [None] * case.gap
    shown = [None] * MONTHS if case.is_silent else known
    title = say("24 months; the last month is a signal") if case.change else say("24 months")
    usual = () if case.is_silent else [USUAL] * MONTHS
    return spark(shown, title=title, usual=usual, ring=bool(case.change))


def made_up_roll(edition: Edition) -> Roll:
    """Return scores with a gate, with what is worse below, and with none."""
    rows = (
        ("Scorecard", 58.0, Status((mark("at_risk"),)), "−3"),
        ("Financial", 79.0, Status((mark("at_risk"),), (say("gate"),)), "+2"),
        ("Customer", 71.0, Status((mark("on_track"),), (say("2 off track below"),)), "0"),
        (RTL_NAME, 22.0, Status((mark("off_track"),)), "−14"),
        ("Learning and growth", None, Status((replace(mark("no_data"), word=say("No score")),)), NONE),
    )  # fmt: skip
    return Roll(
        caption=say("Scores of 100"),
        head=say("Score of 100"),
        since=edition.language.month_name(edition.month, short=True),
        rows=tuple(_roll_row(edition, *row) for row in rows),
    )


def _roll_row(
    edition: Edition, name: str, score: float | None, status: Status, change: str
) -> RollRow:
    values = [None] * MONTHS if score is None else [score + 20 * step for step in (*WAVE, *WAVE)]
    return RollRow(
        name=name,
        href=HERE,
        score=edition.edges.write(score),
        status=status,
        change=change,
        spark=spark(values, title=say("24 months"), span=(0.0, 100.0)),
        weakest=() if score is None else (Part(CASES[2].name, style="outside"),),
        coverage=edition.language.percent(0.4 if score is None else 1.0),
    )


def made_up_beam(edition: Edition) -> Beam:
    """Return a balance of perspectives, one of which has no score."""
    write, percent = edition.edges.write, edition.language.percent
    scored = (("Financial", 79.0, 0.4), ("Customer", 71.0, 0.3), (RTL_NAME, 22.0, 0.3))
    hung = [Hung(name, score, write(score), share, percent(share)) for name, score, share in scored]
    hung.append(Hung("Learning and growth", None, say("none"), 0.0, percent(0.2)))
    edges = edition.edges
    return beam(
        hung,
        balances_at=59.5,
        balance_text=write(59.5),
        at_risk=edges.at_risk,
        on_track=edges.on_track,
    )


def made_up_chart(edition: Edition) -> Chart | None:
    """Return a chart with a gap, a usual range that began anew, a restated period and a signal."""
    starts = months_until(date(edition.month.year, edition.month.month, 1), MONTHS)
    scale = Scale(edition.language, "percent", 1)
    return chart(
        [_month(start, at) for at, start in enumerate(starts)],
        scale=scale,
        calendar=edition.calendar,
        name=say("A made-up KPI"),
        judged=Judged(is_signal=True, is_off_track=True),
        reading=Reading(),
    )


def _month(start: date, at: int) -> Month:
    values: Sequence[float] = [0.94 + step / 50 for step in (*WAVE, *WAVE)]
    last = at == MONTHS - 1
    return Month(
        start,
        actual=None if at in {5, 6} else 0.912 if last else values[at],
        target=0.95,
        red=0.92,
        first_reported=0.958 if at == MONTHS - 4 else None,
        low=0.938,
        mean=0.947,
        high=0.956,
        baseline=say("a second carrier") if at == MONTHS // 2 else "",
    )
