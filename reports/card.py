"""The scorecard of one unit as rows: KPIs under objectives under perspectives, and the roll of their scores.

Shared by the front page, the units' pages and those of perspectives and objectives. Not here: what is said around it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports import points, rows
from reports.edition import Edition
from reports.figures import Bullet, Spark, bullet, spark
from reports.language import NONE, Scale
from reports.movement import Change, Movement, change, movement
from reports.periods import WORDS, add_months, months_until, shown_until
from reports.status import Status, kpi_status, node_status
from reports.text import Part

THIRDS = (33, 67)
"""The scores of red flag and target, rounded."""


@dataclass(frozen=True)
class KpiRow:
    """A KPI in the full scorecard."""

    name: str
    href: str
    unit: str
    marks: tuple[str, ...]
    is_restated: bool
    actual: str
    target: str
    is_words: bool
    """The target is no number: a range, a step."""
    gap: str
    bullet: Bullet
    bullet_note: str
    score: str
    status: Status
    spark: Spark
    change: Change
    owner: str


@dataclass(frozen=True)
class ObjectiveRow:
    """An objective in the full scorecard, with its KPIs."""

    id: str
    name: str
    href: str
    note: str
    score: str
    status: Status
    kpis: tuple[KpiRow, ...]


@dataclass(frozen=True)
class PerspectiveRow:
    """A perspective in the full scorecard, with its objectives."""

    id: str
    name: str
    href: str
    note: str
    held_by: str
    score: str
    status: Status
    objectives: tuple[ObjectiveRow, ...]


@dataclass(frozen=True)
class Card:
    """The full scorecard of a unit."""

    perspectives: tuple[PerspectiveRow, ...]
    objective_count: int
    kpi_count: int
    is_linear: bool
    """The two ticks of every bar are red flag and target; else they are where the bands begin."""


@dataclass(frozen=True)
class RollRow:
    """A score in the roll: the whole, then its parts."""

    name: str
    href: str
    score: str
    status: Status
    change: str
    spark: Spark
    weakest: tuple[Part, ...]
    coverage: str


@dataclass(frozen=True)
class Roll:
    """Scores of 100 of the whole and its parts, on one scale."""

    caption: str
    head: str
    since: str
    rows: tuple[RollRow, ...]


@dataclass(frozen=True)
class Standing:
    """Everything known of one KPI for one unit in the headline month; what several pages ask again and again.

    One that is measured less often shows its last closed quarter, half-year or year: its periods are of that length.
    """

    kpi: rows.Kpi
    unit_id: str
    scale: Scale
    start: date
    """First day of the last period of its own length that has closed."""
    score: rows.Score | None
    """How it stands in the headline month."""
    value: rows.Value | None
    scores: dict[date, rows.Score]
    values: dict[date, rows.Value]
    moves: dict[date, rows.Moved]
    status: Status
    moved: Movement

    @property
    def grain(self) -> str:
        """The length of its own periods."""
        return self.kpi.frequency

    @property
    def periods(self) -> tuple[date, ...]:
        """First days of the periods that are shown, oldest first."""
        return shown_until(self.start, self.grain)

    @property
    def span(self) -> str:
        """How far back they go, in words: 24 months."""
        return f"{len(self.periods)} {WORDS[self.grain][1]}"

    @property
    def actual(self) -> float | None:
        """The value that counts: scored, or measured where there is no score."""
        if self.status.key == "suppressed":
            return None
        if self.score is not None:
            return self.score.actual
        return self.value.actual if self.value is not None else None

    @property
    def value_start(self) -> date:
        """First day of the period that the actual is of: an earlier one where it is stale."""
        if self.score is None or self.score.actual is None:
            return self.start
        return self.score.value_period_start_date or self.start

    @property
    def said(self) -> str:
        """The value that counts in a sentence, with its interval: 42 (36 to 48)."""
        interval = self.interval(self.value_start) if self.actual is not None else ""
        return f"{self.scale.prose(self.actual)} {interval}".strip()

    def interval(self, start: date) -> str:
        """Write the 95% interval of a period's value; nothing where it has none."""
        return interval_of(self.scale, self.trusted(start))

    def trusted(self, start: date) -> rows.Value | None:
        """Return what was measured in a period; nothing where it is held back, or cannot be trusted."""
        value, score = self.values.get(start), self.scores.get(start)
        if value is None or value.is_suppressed:
            return None
        return None if score is not None and score.data_state == "unverified" else value

    @property
    def points(self) -> float | None:
        """The score."""
        return self.score.score if self.score is not None else None


def interval_of(scale: Scale, value: rows.Value | None) -> str:
    """Write the 95% interval of a value; nothing where it has none."""
    if value is None or value.interval_low is None or value.interval_high is None:
        return ""
    return f"({scale.between(value.interval_low, value.interval_high)})"


def standing(edition: Edition, kpi: rows.Kpi, unit_id: str) -> Standing:
    """Return how a KPI stands for a unit in the headline month."""
    key = (kpi.kpi_id, unit_id, kpi.frequency)
    scores = edition.results.scores.get(key, {})
    values = edition.results.values.get(key, {})
    start = edition.last_closed(kpi.frequency)
    moves = edition.results.moves.get((kpi.kpi_id, unit_id), {})
    months = edition.results.scores.get((kpi.kpi_id, unit_id, "month"), {})
    score, value = months.get(edition.month, scores.get(start)), values.get(start)
    return Standing(
        kpi=kpi,
        unit_id=unit_id,
        scale=edition.scale_of(kpi),
        start=start,
        score=score,
        value=value,
        scores=scores,
        values=values,
        status=kpi_status(score, value),
        moves=moves,
        moved=movement(moves.get(start)),
    )


def standings(edition: Edition, unit_id: str) -> list[Standing]:
    """Return how every KPI that applies to a unit stands, in the strategy's order."""
    applies = edition.strategy.kpis_of_unit.get(unit_id, frozenset())
    return [
        standing(edition, kpi, unit_id)
        for kpi in edition.strategy.kpis.values()
        if kpi.kpi_id in applies
    ]


def series(item: Standing) -> list[float | None]:
    """Return the actuals of the periods shown; what is held back, not trusted or missing is a gap."""
    values = [item.trusted(at) for at in item.periods]
    return [value.actual if value is not None else None for value in values]


def kpi_spark(edition: Edition, item: Standing) -> Spark:
    """Draw the periods that a KPI shows."""
    values = series(item)
    known = [value for value in values if value is not None]
    name, scale = f"{item.kpi.kpi_name}, {item.span}", item.scale
    title = f"{name}: no data"
    if known:
        title = f"{name}: lowest {scale.prose(min(known))}, highest {scale.prose(max(known))}"
    usual = [
        None
        if (score := item.scores.get(at)) is None
        or score.usual_low is None
        or score.usual_high is None
        else (score.usual_low, score.usual_high)
        for at in item.periods
    ]
    return spark(values, title=title, usual=usual, ring=item.moved.kind == "new")


def change_of(edition: Edition, item: Standing, start: date | None = None) -> Change:
    """Return the change column's words of a period, by default the last."""
    moved = item.moved if start is None else movement(item.moves.get(start))
    since = ""
    if moved.since is not None:
        since = edition.calendar.short(item.grain, moved.since, near=start or item.start)
    return change(moved, since, grain=item.grain)


def period_mark(edition: Edition, item: Standing) -> str:
    """Name the period that the value is of, where it is not the headline month."""
    shown = item.actual is not None or item.grain != "month"
    if not shown or (item.grain == "month" and item.value_start == edition.month):
        return ""
    written = edition.calendar.short(item.grain, item.value_start, near=edition.month)
    return f"year {written}" if item.grain == "year" else written


def kpi_row(edition: Edition, item: Standing) -> KpiRow:
    """Return a KPI's row of the full scorecard."""
    kpi, scale, edges = item.kpi, item.scale, edition.edges_of(item.kpi)
    goal = points.goal(kpi, item.score, scale)
    period = period_mark(edition, item)
    return KpiRow(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, item.unit_id),
        unit=scale.unit_beside(kpi.kpi_name),
        marks=(period,) if period else (),
        is_restated=is_restated(edition, item),
        actual=scale.bare(item.actual),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        gap=points.gap(kpi, item.score, scale) if item.actual is not None else "",
        bullet=bullet(
            item.points,
            title=f"Score {edges.write(item.points)} {points.of_most(kpi, edges)}"
            if item.points is not None
            else "No score",
            at_risk=kpi.at_risk_edge,
            on_track=kpi.on_track_edge,
        ),
        bullet_note="no target set" if item.status.key == "no_target" else "",
        score=edges.write(item.points),
        status=item.status,
        spark=kpi_spark(edition, item),
        change=change_of(edition, item),
        owner=kpi.owner_name,
    )


def is_restated(edition: Edition, item: Standing) -> bool:
    """Whether a shown period was restated; seen from an earlier month, that period alone."""
    months = restated_months(edition, item.kpi.kpi_id, item.unit_id)
    return bool(months) if edition.seen is None else item.start in months


def restated_months(edition: Edition, kpi_id: str, unit_id: str) -> list[date]:
    """Return the shown periods whose value was reported otherwise at some time, as far as a reader can see."""
    scale = edition.scale_of(edition.strategy.kpis[kpi_id])
    told: dict[date, list[Decimal | None]] = {}
    for row in edition.published.reports.values.get((kpi_id, unit_id), ()):
        told.setdefault(row.period_start_date, []).append(scale.shown(row.actual))
    return [period for period, values in told.items() if len(set(values)) > 1]


def node_of(
    edition: Edition, level: str, node_id: str, unit_id: str, month: date | None = None
) -> rows.Node | None:
    """Return a score of an objective, a perspective or the scorecard."""
    nodes = edition.results.nodes.get((level, node_id, unit_id), {})
    return nodes.get(month or edition.month)


def coverage_text(edition: Edition, node: rows.Node | None) -> str:
    """Write a coverage."""
    return edition.language.percent(node.coverage if node is not None else 0.0)


def card(
    edition: Edition,
    unit_id: str,
    items: Sequence[Standing],
    *,
    perspective_id: str | None = None,
    on_page: bool = False,
) -> Card:
    """Return the full scorecard of a unit, or one perspective of it."""
    by_objective: dict[str, list[Standing]] = {}
    for item in items:
        by_objective.setdefault(item.kpi.objective_id, []).append(item)
    groups = [
        _perspective_row(edition, unit_id, perspective, by_objective, on_page=on_page)
        for perspective in edition.strategy.perspectives.values()
        if perspective_id in {None, perspective.perspective_id}
    ]
    shown = tuple(group for group in groups if group.objectives)
    objectives = [objective for group in shown for objective in group.objectives]
    return Card(
        perspectives=shown,
        objective_count=len(objectives),
        kpi_count=sum(len(objective.kpis) for objective in objectives),
        is_linear=is_linear(item.kpi for item in items),
    )


def is_linear(kpis: Iterable[rows.Kpi]) -> bool:
    """Whether the bands of all begin at red flag and target, as with the linear rule's own edges."""
    return all(
        kpi.rule == "linear" and (round(kpi.at_risk_edge), round(kpi.on_track_edge)) == THIRDS
        for kpi in kpis
    )


def _perspective_row(
    edition: Edition,
    unit_id: str,
    perspective: rows.Perspective,
    by_objective: dict[str, list[Standing]],
    *,
    on_page: bool,
) -> PerspectiveRow:
    node_id = perspective.perspective_id
    node = node_of(edition, "perspective", node_id, unit_id)
    share = weight_shares(edition, unit_id).get(("perspective", node_id))
    weight = f"weight {edition.language.percent(share)}, " if share is not None else ""
    objectives = tuple(
        objective_row(edition, unit_id, objective, by_objective[objective.objective_id])
        for objective in edition.strategy.objectives.values()
        if objective.perspective_id == node_id and objective.objective_id in by_objective
    )
    return PerspectiveRow(
        id=node_id,
        name=perspective.perspective_name,
        href=f"#p-{node_id}" if on_page else edition.perspective_href(node_id),
        note=f"{weight}coverage {coverage_text(edition, node)}",
        held_by=_gates(edition, unit_id, node_id) if node is not None and node.is_gated else "",
        score=edition.edges.write(node.score if node is not None else None),
        status=_without_gate(node_status(node)),
        objectives=objectives,
    )


def _without_gate(status: Status) -> Status:
    """Return the status without its gate's note, where the row names the gate in full."""
    return Status(status.marks, tuple(note for note in status.notes if note != "gate"))


def _gates(edition: Edition, unit_id: str, perspective_id: str) -> str:
    """Name the objectives that hold a perspective back."""
    names = []
    for objective in edition.strategy.objectives.values():
        node = node_of(edition, "objective", objective.objective_id, unit_id)
        if objective.perspective_id == perspective_id and node is not None:
            own = objective.gate_score is not None and (
                node.score is None or node.score < objective.gate_score
            )
            if own or node.is_gated:
                names.append(objective.objective_name)
    return ", ".join(names)


def objective_row(
    edition: Edition, unit_id: str, objective: rows.Objective, items: Sequence[Standing]
) -> ObjectiveRow:
    """Return an objective's row with its KPIs."""
    node = node_of(edition, "objective", objective.objective_id, unit_id)
    partly = node is not None and node.coverage < 1
    return ObjectiveRow(
        id=objective.objective_id,
        name=objective.objective_name,
        href=edition.objective_href(objective.objective_id),
        note=f"coverage {coverage_text(edition, node)}" if partly else "",
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
        kpis=tuple(kpi_row(edition, item) for item in items),
    )


def weight_shares(
    edition: Edition, unit_id: str, month: date | None = None
) -> dict[tuple[str, str], float]:
    """Return each child's share of its siblings' weight, missing ones included."""
    costs = edition.results.costs.get((unit_id, month or edition.month), [])
    totals: dict[tuple[str, str], float] = {}
    for cost in costs:
        parent = (cost.parent_level, cost.parent_id)
        totals[parent] = totals.get(parent, 0.0) + cost.weight
    return {
        (cost.child_level, cost.child_id): cost.weight / totals[cost.parent_level, cost.parent_id]
        for cost in costs
        if totals[cost.parent_level, cost.parent_id]
    }


def points_lost(edition: Edition, unit_id: str, month: date | None = None) -> dict[str, float]:
    """Return what each scored KPI costs the scorecard of 100: its shares up the tree times its missing points."""
    costs = edition.results.costs.get((unit_id, month or edition.month), [])
    share = {
        (cost.child_level, cost.child_id): cost.weight_share
        for cost in costs
        if cost.weight_share is not None
    }
    found = {}
    for cost in costs:
        if cost.child_level == "kpi" and cost.points_lost is not None:
            objective = share.get(("objective", cost.parent_id))
            perspective_id = edition.strategy.objectives[cost.parent_id].perspective_id
            perspective = share.get(("perspective", perspective_id))
            if objective is not None and perspective is not None:
                found[cost.child_id] = cost.points_lost * objective * perspective
    return found


def roll(
    edition: Edition,
    unit_id: str,
    parts: Sequence[tuple[str, str, str, str]],
    *,
    head: str,
) -> Roll:
    """Return the roll of several scores (level, node, name, address), all lines on one scale."""
    months = months_until(edition.month)
    lines = {
        (level, node_id): [
            node.score
            if (node := node_of(edition, level, node_id, unit_id, at)) is not None
            else None
            for at in months
        ]
        for level, node_id, _, _ in parts
    }
    known = [value for line in lines.values() for value in line if value is not None]
    edge = edition.strategy.scorecard.on_track_edge
    span = (min([*known, edge]) - 1, max([*known, edge]) + 1)
    before = add_months(edition.month, -1)
    found = tuple(
        _roll_row(edition, unit_id, part, line=lines[part[0], part[1]], span=span) for part in parts
    )
    month = edition.language.month_name(before, short=True)
    return Roll(
        caption=f"Scores of 100, change since {month}, 24 months, weakest part and coverage",
        head=head,
        since=month,
        rows=found,
    )


def _roll_row(
    edition: Edition,
    unit_id: str,
    part: tuple[str, str, str, str],
    *,
    line: Sequence[float | None],
    span: tuple[float, float],
) -> RollRow:
    level, node_id, name, href = part
    node = node_of(edition, level, node_id, unit_id)
    earlier = node_of(edition, level, node_id, unit_id, add_months(edition.month, -1))
    score = node.score if node is not None else None
    known = [value for value in line if value is not None]
    title = f"{name} score, 24 months: no score"
    if known:
        low, high = edition.edges.write(min(known)), edition.edges.write(max(known))
        title = f"{name} score, 24 months: lowest {low}, highest {high}"
    return RollRow(
        name=name,
        href=href,
        score=edition.edges.write(score),
        status=node_status(node),
        change=edition.edges.write_change(score, earlier.score if earlier is not None else None),
        spark=spark(
            line, title=title, span=span, rule=edition.strategy.scorecard.on_track_edge, width=96
        ),
        weakest=weakest(edition, unit_id, level, node),
        coverage=coverage_text(edition, node),
    )


CHILD_LEVEL = {"scorecard": "perspective", "perspective": "objective", "objective": "kpi"}


def weakest(edition: Edition, unit_id: str, level: str, node: rows.Node | None) -> tuple[Part, ...]:
    """Name the child that cost most points, with its score."""
    if node is None or node.weakest_child_id is None:
        return (Part(NONE, style="quiet"),)
    child = CHILD_LEVEL[level]
    name, _ = name_of(edition, child, node.weakest_child_id, unit_id)
    costs = edition.results.costs.get((unit_id, edition.month), [])
    score = next(
        (
            cost.score
            for cost in costs
            if cost.child_level == child
            and cost.child_id == node.weakest_child_id
            and cost.parent_level == level
        ),
        None,
    )
    return (Part(f"{name} {edition.edges.write(score)}"),)


def name_of(edition: Edition, level: str, node_id: str, unit_id: str) -> tuple[str, str]:
    """Return the name and address of a node of the strategy."""
    strategy = edition.strategy
    match level:
        case "kpi":
            return strategy.kpis[node_id].kpi_name, edition.kpi_href(node_id, unit_id)
        case "objective":
            return strategy.objectives[node_id].objective_name, edition.objective_href(node_id)
        case "perspective":
            name = strategy.perspectives[node_id].perspective_name
            return name, edition.perspective_href(node_id)
        case _:
            return strategy.scorecard.scorecard_name, edition.unit_href(unit_id)
