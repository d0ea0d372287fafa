"""The front page, and the same for every unit: how are we doing, what changed, what needs the reader.

Not here: the rows of the full scorecard (card) and the state of the sources (sources).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports import points, rows
from reports.card import (
    Card,
    Roll,
    Standing,
    card,
    kpi_spark,
    node_of,
    period_mark,
    points_lost,
    roll,
    standings,
    weight_shares,
)
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.exports.addresses import scorecard_downloads
from reports.figures import Beam, Hung, Spark, beam
from reports.language import NONE, rounded
from reports.movement import why
from reports.periods import add_months
from reports.status import WORDS, Status, node_status
from reports.text import Part, say
from reports.views.definition import stood_under
from reports.views.moved import Moved, score_moves
from reports.views.since import Since, since_last_release
from reports.views.sources import Source, SourcesSection, sources_section
from scorecard.base import MONTHS

SHOWN_NEEDS = 12
SHOWN_SIGNALS = 12
FEW_SIGNALS = 3
"""Where fewer are new, earlier changes that go on fill the list, worse ones first."""
WORTH_NAMING = 0.05
"""Points of score; less shows as zero."""
NUMBER_WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


@dataclass(frozen=True)
class SignalItem:
    """A new signal: the word that judges it, the sentence, the line."""

    word: str
    parts: tuple[Part, ...]
    spark: Spark


@dataclass(frozen=True)
class QuietItem:
    """A KPI without a signal."""

    name: str
    href: str
    text: str


@dataclass(frozen=True)
class Signals:
    """What changed: signals first, then what stayed within the usual range."""

    heading: str
    items: tuple[SignalItem, ...]
    quiet_heading: str
    quiet: tuple[QuietItem, ...]
    note: str
    all_text: str


@dataclass(frozen=True)
class Need:
    """A KPI off track, with what its owner says."""

    name: str
    href: str
    unit: str
    status: Status
    actual: str
    mark: str
    """The period that the value is of, where it is not the headline month."""
    target: str
    is_words: bool
    lost: str
    owner: str
    comment: str
    is_asked: bool
    """No comment has come yet."""


@dataclass(frozen=True)
class Needs:
    """What needs the reader."""

    heading: str
    rows: tuple[Need, ...]
    note: str


@dataclass(frozen=True)
class LateItem:
    """An initiative that is late."""

    name: str
    href: str
    text: str
    who: str


@dataclass(frozen=True)
class Late:
    """Initiatives that are late."""

    heading: str
    items: tuple[LateItem, ...]
    note: str


@dataclass(frozen=True)
class FrontPage:
    """The scorecard of the organisation or of a unit."""

    frame: Frame
    lede: tuple[Part, ...]
    notes: tuple[tuple[Part, ...], ...]
    """What else must be known of the unit."""
    roll: Roll
    beam: Beam | None
    beam_note: str
    signals: Signals
    needs: Needs
    late: Late | None
    troubled: tuple[Source, ...]
    sources: SourcesSection | None
    moved: Moved | None
    since: Since | None
    card: Card
    children: tuple[Choice, ...]
    words: tuple[tuple[str, str], ...]


def front_page(edition: Edition) -> FrontPage:
    """Return the front page: the organisation's scorecard, with its sources and the last release."""
    return _page(edition, edition.strategy.organisation)


def unit_page(edition: Edition, unit: rows.Unit) -> FrontPage:
    """Return a unit's scorecard."""
    return _page(edition, unit)


def _page(edition: Edition, unit: rows.Unit) -> FrontPage:
    whole = unit.unit_id == edition.organisation_id
    items = standings(edition, unit.unit_id)
    sources = sources_section(edition)
    finding = _finding(edition, unit.unit_id)
    return FrontPage(
        frame=edition.frame(
            title=f"{unit.unit_name} scorecard, {edition.language.month(edition.month)}: {_title(edition, unit.unit_id)}",
            subject="" if whole else unit.unit_name,
            finding=finding
            if whole
            else f": {finding[0].lower()}{finding[1:].replace(': ', ', ', 1)}",
            page="index.html" if whole else "",
            crumbs=() if whole else _crumbs(edition, unit),
            switches=unit_switches(edition, unit, edition.unit_href),
            previous=_previous(edition, unit),
            downloads=scorecard_downloads(edition) if whole else (),
        ),
        lede=explained(edition, unit.unit_id),
        notes=tuple(note for note in (stood_under(edition, unit),) if note),
        roll=roll_of(edition, unit),
        beam=beam_of(edition, unit.unit_id),
        beam_note=beam_note(edition, unit.unit_id),
        signals=_signals(edition, items),
        needs=needs_of(edition, unit.unit_id, items),
        late=_late(edition) if whole else None,
        troubled=tuple(source for source in sources.sources if source.is_troubled) if whole else (),
        sources=sources if whole else None,
        moved=score_moves(
            edition, "scorecard", edition.strategy.scorecard.scorecard_id, unit.unit_id
        ),
        since=since_last_release(edition) if whole else None,
        card=card(edition, unit.unit_id, items),
        children=tuple(
            Choice(child.unit_name, edition.unit_href(child.unit_id))
            for child in edition.strategy.children(unit.unit_id)
        ),
        words=legend(edition),
    )


def _crumbs(edition: Edition, unit: rows.Unit) -> tuple[Crumb, ...]:
    above = edition.strategy.path(unit.unit_id)
    steps = [Crumb(step.unit_name, edition.unit_href(step.unit_id)) for step in above[:-1]]
    return (*steps, Crumb(unit.unit_name, None))


def _previous(edition: Edition, unit: rows.Unit) -> Choice | None:
    past = edition.past_months
    if not past:
        return None
    return Choice(edition.language.month(past[-1]), edition.period_href(past[-1], unit.unit_id))


def unit_switches(
    edition: Edition, unit: rows.Unit, href: Callable[[str], str]
) -> tuple[Switch, ...]:
    """Offer the units below by tree and, for a unit, those beside it."""
    found = []
    if unit.parent_unit_id is not None:
        siblings = [
            other
            for other in edition.strategy.children(unit.parent_unit_id)
            if other.tree_id == unit.tree_id
        ]
        found.append(Switch("Beside it", tuple(_choice(other, unit, href) for other in siblings)))
    below: dict[str, list[rows.Unit]] = {}
    for child in edition.strategy.children(unit.unit_id):
        below.setdefault(child.tree_name or "Units", []).append(child)
    for tree, children in below.items():
        label = tree if unit.parent_unit_id is None else "Below it"
        found.append(Switch(label, tuple(_choice(child, unit, href) for child in children)))
    return tuple(
        switch for switch in found if len(switch.choices) > 1 or switch.label != "Beside it"
    )


def _choice(other: rows.Unit, unit: rows.Unit, href: Callable[[str], str]) -> Choice:
    return Choice(other.unit_name, href(other.unit_id), other.unit_id == unit.unit_id)


def _whole(edition: Edition, unit_id: str) -> tuple[rows.Node | None, rows.Node | None]:
    """Return the scorecard's score of the headline month and of the one before."""
    scorecard = edition.strategy.scorecard.scorecard_id
    now = node_of(edition, "scorecard", scorecard, unit_id)
    before = node_of(edition, "scorecard", scorecard, unit_id, add_months(edition.month, -1))
    return now, before


def _title(edition: Edition, unit_id: str) -> str:
    now, _ = _whole(edition, unit_id)
    if now is None or now.score is None:
        return "no score"
    return f"{node_status(now).words.lower()}, {edition.edges.write(now.score)} of 100"


def _finding(edition: Edition, unit_id: str) -> str:
    now, before = _whole(edition, unit_id)
    if now is None or now.score is None:
        reason = (
            f": coverage is {edition.language.percent(now.coverage)}" if now is not None else ""
        )
        return f"No score for {edition.language.month(edition.month)}{reason}"
    text = f"{node_status(now).words}: {edition.edges.write(now.score)} of 100"
    change = edition.edges.change(now.score, before.score if before is not None else None)
    month = edition.language.month_name(add_months(edition.month, -1))
    if change is None:
        return f"{text}, with no score for {month} to compare with"
    if not change:
        return f"{text}, the same as in {month}"
    size = edition.language.number(abs(change), 0 if change == change.to_integral_value() else 2)
    points = "point" if abs(change) == 1 else "points"
    return f"{text}, {size} {points} {'higher' if change > 0 else 'lower'} than in {month}"


def _contributions(edition: Edition, unit_id: str) -> dict[str, float] | None:
    """Return what each objective added to the change of the score; None where the parts do not make the whole.

    As in `scorecard.score_contribution`, an objective counts for how far it lies from the earlier score.
    """
    now, before = _whole(edition, unit_id)
    if now is None or before is None or now.score is None or before.score is None:
        return None
    after, earlier = (
        _parts(edition, unit_id, months_back=back, against=before.score) for back in (0, 1)
    )
    found = {node: after.get(node, 0.0) - earlier.get(node, 0.0) for node in {**after, **earlier}}
    whole = abs(sum(found.values()) - (now.score - before.score)) < 0.01  # noqa: PLR2004 - points
    return found if whole else None


def _parts(edition: Edition, unit_id: str, *, months_back: int, against: float) -> dict[str, float]:
    """Return each objective's part of what the scorecard's score lies above another."""
    costs = edition.results.costs.get((unit_id, add_months(edition.month, -months_back)), [])
    upper = {
        cost.child_id: cost.weight_share for cost in costs if cost.child_level == "perspective"
    }
    found = {}
    for cost in costs:
        share = upper.get(cost.parent_id) if cost.child_level == "objective" else None
        if share is not None and cost.weight_share is not None and cost.score is not None:
            found[cost.child_id] = share * cost.weight_share * (cost.score - against)
    return found


def explained(edition: Edition, unit_id: str) -> tuple[Part, ...]:
    """Say which objectives explain the change; the shown parts add up to the shown change."""
    now, before = _whole(edition, unit_id)
    parts = _contributions(edition, unit_id)
    change = edition.edges.change(
        now.score if now is not None else None, before.score if before is not None else None
    )
    if parts is None or not change or now is None:
        return _weakest_sentence(edition, unit_id, now)
    falls = change < 0
    ordered = sorted(parts.items(), key=lambda item: item[1], reverse=not falls)
    top = [
        (node, value)
        for node, value in ordered[:3]
        if abs(value) >= WORTH_NAMING and (value < 0) == falls
    ]
    found: list[Part] = []
    total = Decimal(0)
    for index, (node, value) in enumerate(top):
        shown = Decimal(repr(value)).quantize(Decimal("0.1"))
        total += shown
        verb = (" cost " if falls else " added ") if index == 0 else " "
        joint = "" if index == 0 else (" and " if index == len(top) - 1 else ", ")
        objective = edition.strategy.objectives[node]
        found += [
            Part(joint),
            Part(objective.objective_name, edition.objective_href(node)),
            Part(
                f"{verb}{edition.language.number(abs(shown), 1)}{' points' if index == 0 else ''}"
            ),
        ]
    rest = len(parts) - len(top)
    if not top:
        return _weakest_sentence(edition, unit_id, now)
    word = NUMBER_WORDS[rest] if rest < len(NUMBER_WORDS) else str(rest)
    others = "The other" if rest == 1 else f"The other {word} together"
    tail = f". {others}: {edition.language.signed(change - total, 1)}." if rest else "."
    return (*found, Part(tail))


def _weakest_sentence(edition: Edition, unit_id: str, now: rows.Node | None) -> tuple[Part, ...]:
    if now is None or now.weakest_child_id is None:
        return ()
    perspective = edition.strategy.perspectives[now.weakest_child_id]
    node = node_of(edition, "perspective", perspective.perspective_id, unit_id)
    score = edition.edges.write(node.score if node is not None else None)
    return (
        Part("Weakest is "),
        Part(perspective.perspective_name, edition.perspective_href(perspective.perspective_id)),
        Part(f" at {score}."),
    )


def roll_of(edition: Edition, unit: rows.Unit) -> Roll:
    """Return the roll of a unit: the scorecard, then its perspectives."""
    scorecard = edition.strategy.scorecard.scorecard_id
    whole = [("scorecard", scorecard, "Scorecard", "#scorecard")]
    own = unit.unit_id == edition.organisation_id and edition.seen is None
    parts = [
        (
            "perspective",
            node.perspective_id,
            node.perspective_name,
            edition.perspective_href(node.perspective_id) if own else f"#p-{node.perspective_id}",
        )
        for node in edition.strategy.perspectives.values()
        if node_of(edition, "perspective", node.perspective_id, unit.unit_id) is not None
    ]
    return roll(edition, unit.unit_id, whole + parts, head="Score of 100")


def beam_of(edition: Edition, unit_id: str) -> Beam | None:
    """Return the balance of a unit's perspectives; none where fewer than two have been weighed."""
    now, _ = _whole(edition, unit_id)
    shares = weight_shares(edition, unit_id)
    hung = []
    for perspective in edition.strategy.perspectives.values():
        node = node_of(edition, "perspective", perspective.perspective_id, unit_id)
        if node is not None:
            share = shares.get(("perspective", perspective.perspective_id), 0.0)
            hung.append(
                Hung(
                    name=perspective.perspective_name,
                    score=node.score,
                    score_text=edition.edges.write(node.score),
                    share=share,
                    weight_text=edition.language.percent(share),
                )
            )
    if len(hung) < 2:  # noqa: PLR2004 - balance is defined from two perspectives up
        return None
    score = now.score if now is not None else None
    return beam(
        hung,
        balances_at=score,
        balance_text=edition.edges.write(score),
        at_risk=edition.strategy.scorecard.at_risk_edge,
        on_track=edition.strategy.scorecard.on_track_edge,
    )


def beam_note(edition: Edition, unit_id: str) -> str:
    """Say how far the perspectives lie apart."""
    balance = edition.results.balance.get(unit_id)
    hangs = "A block hangs at its score, as wide as its weight."
    if balance is None or balance.result_balance is None:
        return (
            f"Balance of result: not known, since fewer than two perspectives have a score. {hangs}"
        )
    names = edition.strategy.perspectives
    high, low = (
        names[node].perspective_name if node is not None else "none"
        for node in (balance.highest_perspective_id, balance.lowest_perspective_id)
    )
    result = edition.language.number(balance.result_balance)
    gap = 100 - rounded(balance.result_balance, 0)
    apart = edition.language.number(gap)
    points = "point lies" if gap == 1 else "points lie"
    weights = (
        f" Balance of weight {edition.language.number(balance.weight_balance)}."
        if balance.weight_balance is not None
        else ""
    )
    return f"Balance of result {result} of 100: {apart} {points} between {high} and {low}.{weights} {hangs}"


def _signals(edition: Edition, items: Sequence[Standing]) -> Signals:
    new = [item for item in items if item.moved.kind == "new"]
    lost = points_lost(edition, items[0].unit_id) if items else {}
    new.sort(key=lambda item: (item.moved.rank, -lost.get(item.kpi.kpi_id, 0.0)))
    kept = [item for item in items if item.moved.kind == "kept"]
    kept.sort(key=lambda item: (item.moved.rank, -_started(item), -lost.get(item.kpi.kpi_id, 0.0)))
    room = max(0, FEW_SIGNALS - len(new))
    shown = tuple(_signal(edition, item) for item in new[:SHOWN_SIGNALS] + kept[:room])
    quiet = [item for item in items if item.moved.kind == "none"]
    counts = {
        kind: sum(item.moved.kind == kind for item in items)
        for kind in ("kept", "too_few", "unknown")
    }
    said = [
        (counts["kept"], "keeps an earlier change", "keep an earlier change"),
        (counts["too_few"], "has too few periods to tell", "have too few periods to tell"),
        (counts["unknown"], "has no value to test", "have no value to test"),
    ]
    told = ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in said if count)
    note = f"Of the others, {told}." if told and (new or quiet) else f"{told}." if told else ""
    count = len(new)
    plural = "signal" if count == 1 else "signals"
    more = (
        f" {count - SHOWN_SIGNALS} more signals stand in the full scorecard."
        if count > SHOWN_SIGNALS
        else ""
    )
    return Signals(
        heading=f"What changed: {count} {plural}" if new else "What changed: no new signal",
        items=shown,
        quiet_heading=f"No change beyond the usual range: {len(quiet)} {'KPI' if len(quiet) == 1 else 'KPIs'}",
        quiet=tuple(_quiet(edition, item) for item in quiet),
        note=note + more,
        all_text=f"All {len(items)}",
    )


def _quiet(edition: Edition, item: Standing) -> QuietItem:
    """Return a KPI that stayed within its usual range, with its value now and before."""
    before = item.trusted(add_months(item.start, -MONTHS[item.grain]))
    was = (
        f", was {item.scale.prose(before.actual)}"
        if before is not None and before.actual is not None
        else ""
    )
    href = edition.kpi_href(item.kpi.kpi_id, item.unit_id)
    return QuietItem(item.kpi.kpi_name, href, f"{item.said}{was}")


def _started(item: Standing) -> int:
    """Return when an earlier change began, as a number that grows."""
    return item.moved.since.toordinal() if item.moved.since is not None else 0


def _signal(edition: Edition, item: Standing) -> SignalItem:
    name, word = item.kpi.kpi_name, item.moved.word
    mark = period_mark(edition, item)
    of = f" in {mark}" if mark else ""
    verb = {True: "rose to", False: "fell to"}[item.moved.is_up]
    if item.moved.kind == "kept" and item.moved.since is not None:
        month = edition.calendar.short(item.grain, item.moved.since, near=edition.month)
        return SignalItem(
            word=f"Still {word}",
            parts=(
                Part(name, edition.kpi_href(item.kpi.kpi_id, item.unit_id)),
                Part(f", {item.said}{of}, since {month}."),
            ),
            spark=kpi_spark(edition, item),
        )
    if item.moved.signal not in {"high", "low"}:
        verb = "is at"
    score = item.scores.get(item.start)
    reason = why(item.moved, score, item.scale, grain=item.grain) if score is not None else ""
    return SignalItem(
        word=word.capitalize(),
        parts=(
            Part(name, edition.kpi_href(item.kpi.kpi_id, item.unit_id)),
            Part(f" {verb} {item.said}{of}, {reason}."),
        ),
        spark=kpi_spark(edition, item),
    )


def needs_of(edition: Edition, unit_id: str, items: Sequence[Standing]) -> Needs:
    """Return the KPIs that are off track, those that cost most first."""
    lost = points_lost(edition, unit_id)
    bad = [item for item in items if item.score is not None and item.score.band == "off_track"]
    bad.sort(key=lambda item: -lost.get(item.kpi.kpi_id, 0.0))
    count = len(bad)
    plural = "KPI" if count == 1 else "KPIs"
    risk = sum(item.score is not None and item.score.band == "at_risk" for item in items)
    note = "" if bad else f"{risk} at risk." if risk else "Every KPI that has a score is on track."
    if count > SHOWN_NEEDS:
        note = f"{count - SHOWN_NEEDS} more are off track; they cost less. See the full scorecard."
    heading = (
        f"What needs you: {count} {plural} off track"
        if bad
        else "What needs you: no KPI is off track"
    )
    return Needs(
        heading=heading,
        rows=tuple(_need(edition, item, lost.get(item.kpi.kpi_id)) for item in bad[:SHOWN_NEEDS]),
        note=note,
    )


def _need(edition: Edition, item: Standing, lost: float | None) -> Need:
    comments = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    text = next(
        (row.comment_text for row in comments if row.period_start_date == edition.month), ""
    )
    goal = points.goal(item.kpi, item.score, item.scale)
    return Need(
        name=item.kpi.kpi_name,
        href=edition.kpi_href(item.kpi.kpi_id, item.unit_id),
        unit=item.scale.unit_beside(item.kpi.kpi_name),
        status=item.status,
        actual=item.scale.bare(item.actual),
        mark=period_mark(edition, item),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        lost=edition.language.number(lost, 1),
        owner=item.kpi.owner_name,
        comment=text.split("\n\n")[0] or _no_comment(edition),
        is_asked=not text,
    )


def _no_comment(edition: Edition) -> str:
    month = edition.language.month_name(edition.month)
    if edition.seen:  # nobody is waited for any more
        return say("no comment for {month}.", month=month)
    return say("no comment for {month} yet.", month=month)


def _late(edition: Edition) -> Late:
    today = edition.strategy.release.as_of_date
    open_ones = [
        row for row in edition.strategy.initiatives if row.status not in {"done", "stopped"}
    ]
    late = [row for row in open_ones if row.is_late]
    others = len(open_ones) - len(late)
    count = len(late)
    if not open_ones:
        heading, note = "No initiative is open", ""
    elif not late:
        one = len(open_ones) == 1
        heading = (
            "The one open initiative is on time"
            if one
            else f"All {len(open_ones)} open initiatives are on time"
        )
        note = ""
    else:
        heading = f"{count} {'initiative' if count == 1 else 'initiatives'} late"
        note = f"{others} {'other' if others == 1 else 'others'} on time." if others else ""
    items = (_late_item(edition, row, (today - row.end_date).days) for row in late)
    return Late(heading=heading, items=tuple(items), note=note)


def _late_item(edition: Edition, row: rows.Initiative, days: int) -> LateItem:
    objective = edition.strategy.objectives[row.objective_id].objective_name
    milestones = edition.strategy.milestones.get(row.initiative_id, [])
    waits = [step.milestone_name for step in milestones if step.is_late]
    text = f"{days} days late" if days > 0 else "a milestone is late"
    if waits:
        text += f", waits for {', '.join(waits)}"
    return LateItem(
        name=row.initiative_name,
        href=edition.href(f"initiatives/{row.initiative_id}.html"),
        text=text,
        who=f"{row.owner_name}, for {objective}",
    )


def legend(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return every status with what it means."""
    scorecard = edition.strategy.scorecard
    high = edition.language.number(scorecard.on_track_edge, 2)
    low = edition.language.number(scorecard.at_risk_edge, 2)
    meanings = (
        f"score of {high} or more",
        f"{low} up to {high}",
        f"below {low}",
        "nothing came; left out, so coverage falls",
        "the last good value counts, with its date",
        "what came broke its contract for too long; no score",
        "shown, not scored",
        "held back: it would reveal few answers",
    )
    return tuple(zip(WORDS, meanings, strict=True))
