"""The releases that differ from the one before, with what the run of each reported anew and otherwise.

Not here: the counting (warehouse), how a change is told (views, exports).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reports.edition import Edition
from reports.warehouse import rows
from reports.warehouse.reported import Changes, Counted, Scored, read_changes


@dataclass(frozen=True)
class Told:
    """What a run reported of values and scores, a KPI's in its own grain, a parent's by the month."""

    values: tuple[Counted, ...]
    scores: tuple[Counted, ...]

    @property
    def restated(self) -> tuple[Counted, ...]:
        """What had been reported otherwise before."""
        return tuple(each for each in (*self.values, *self.scores) if is_restated(each))


@dataclass(frozen=True)
class Archive:
    """The releases that differ from the one before, newest first, with what their runs reported."""

    edition: Edition
    by_run: Mapping[str, rows.PastRelease]
    releases: tuple[rows.PastRelease, ...]
    changes: Changes

    def base_of(self, release: rows.PastRelease) -> rows.PastRelease | None:
        """Return the release that another's changes are counted from."""
        return self.by_run.get(release.base_run_id or "")

    def score_of(self, release: rows.PastRelease) -> Scored | None:
        """Return what stood reported, with a release, of the scorecard in its headline month."""
        found: rows.PastRelease | None = release
        while found is not None:
            told = self.changes.headline.get(found.run_id, {}).get(release.period_start_date)
            if told is not None:
                return told
            found = self.base_of(found)
        return None


def archive_of(edition: Edition) -> Archive:
    """Return every release that another one did not give before it, with what its run reported."""
    releases = edition.published.reports.releases
    by_run = {row.run_id: row for row in releases}
    strategy = edition.strategy
    return Archive(
        edition,
        by_run,
        tuple(row for row in releases if not _is_again(row, by_run)),
        read_changes(
            edition.published.warehouse,
            scorecard_id=strategy.scorecard.scorecard_id,
            organisation_id=strategy.scorecard.organisation_id,
        ),
    )


def _is_again(row: rows.PastRelease, by_run: Mapping[str, rows.PastRelease]) -> bool:
    """Tell whether a run published what its base had published: it is no release of its own."""
    base = by_run.get(row.base_run_id or "")
    return base is not None and base.release_id == row.release_id


def told_by(archive: Archive, row: rows.PastRelease) -> Told:
    """Return what the run of a release reported."""
    grains = {kpi.kpi_id: kpi.frequency for kpi in archive.edition.strategy.kpis.values()}

    def own(found: Mapping[str, list[Counted]]) -> tuple[Counted, ...]:
        return tuple(
            each
            for each in found.get(row.run_id, ())
            if each.grain == (grains.get(each.node_id, "month") if each.level == "kpi" else "month")
        )

    return Told(own(archive.changes.values), own(archive.changes.scores))


def is_restated(each: Counted) -> bool:
    """Tell whether numbers had been reported otherwise before."""
    return bool(each.reasons) or each.is_withdrawn


def count_of(found: Iterable[Counted]) -> int:
    """Return how many numbers they are together."""
    return sum(each.number for each in found)


def changed_nodes(told: Told) -> list[tuple[tuple[str, str], Told]]:
    """Return what became another by level and node; most numbers first."""
    by_node: dict[tuple[str, str], Told] = {}
    for each in told.restated:
        key = (each.level, each.node_id)
        if key not in by_node:
            by_node[key] = Told(
                *(
                    tuple(
                        row for row in found if (row.level, row.node_id) == key and is_restated(row)
                    )
                    for found in (told.values, told.scores)
                )
            )
    return sorted(by_node.items(), key=lambda pair: (-count_of(pair[1].restated), pair[0]))
