"""What a night says of the raw tables: what came, whether it may be used, what is used instead, and how old that is.

Not here: asking sources (`nightly`, connectors) and judging loads (`transforms.contracts`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.plural import counted
from pipelines.runs import CheckRecord, SourceRecord
from scorecard.load import LoadManifest
from scorecard.sources import AnySource
from transforms.contracts import (
    CheckResult,
    TableVerdict,
    contract_result_rows,
    load_rows,
    quarantined_rows,
)
from transforms.measures import TableState
from transforms.raw import RawTable
from transforms.strategy_tables import Row

Outcome = Literal["loaded", "unchanged", "failed", "rejected", "skipped"]


@dataclass(frozen=True)
class Arrival:
    """What came of asking a source for one table."""

    source_id: str
    table_id: str
    outcome: Literal["loaded", "unchanged", "failed", "skipped"]
    row_count: int = 0
    """Rows of a new load."""
    message: str = ""
    may_come_later: bool = False
    """It failed in a way that is worth another try."""


@dataclass(frozen=True)
class TableNight:
    """One raw table tonight."""

    arrival: Arrival
    verdict: TableVerdict
    source: AnySource
    as_of: date

    @property
    def name(self) -> str:
        """`<source>.<table>`, for messages."""
        return f"{self.arrival.source_id}.{self.arrival.table_id}"

    @property
    def used(self) -> LoadManifest | None:
        """The newest load that is used."""
        return self.verdict.accepted[-1] if self.verdict.accepted else None

    @property
    def data_as_of(self) -> date | None:
        """Day up to which what is used is complete."""
        return self.used.data_as_of if self.used else None

    @property
    def outcome(self) -> Outcome:
        """How it stands: what could not be read, or may not be used, outweighs the rest."""
        if self.arrival.outcome != "failed" and self.verdict.newest_rejected:
            return "rejected"
        return self.arrival.outcome

    @property
    def is_fresh(self) -> bool:
        """What is used is not older than the source's `max_age_days` before the business date."""
        if self.source.max_age_days is None:
            return self.used is not None
        age = self.as_of - self.data_as_of if self.data_as_of else None
        return age is not None and age.days <= self.source.max_age_days

    @property
    def results(self) -> tuple[CheckResult, ...]:
        """What the contract said of the newest load."""
        return self.verdict.newest.results if self.verdict.newest else ()

    @property
    def message(self) -> str:
        """Why it failed or was rejected; empty where all is well."""
        if self.outcome == "failed":
            return self.arrival.message
        if self.outcome == "rejected":
            return " ".join(result.message for result in self.results if _decides(result))
        return ""

    @property
    def problems(self) -> Iterator[str]:
        """Say why the night is not a good one for this table."""
        if self.outcome == "failed":
            yield f"{self.name} could not be read; {self._instead}. {self.message}"
        if self.outcome == "rejected":
            yield f"{self.name} {self._refusal}; {self._instead}. {self.message}"
        elif self.used is None and self.outcome != "failed":
            yield f"{self.name} has no load that counts: none came yet, or none by the moment of knowledge."
        for result in self.results:
            if result.outcome == "crashed" and self.outcome != "rejected":
                yield f"{self.name}: {result.check_name} could not be checked. {result.message}"
        if self.used is not None and not self.is_fresh:
            yield (
                f"{self.name} is complete up to {self.data_as_of} only, more than "
                f"{counted(self.source.max_age_days or 0, 'day')} before {self.as_of}."
            )

    @property
    def _refusal(self) -> str:
        """Say why the newest load is not used: a check that crashed says nothing of the data."""
        refused = self.verdict.newest_rejected
        is_crash = refused is not None and refused.verdict == "crashed"
        return "could not be held to its contract" if is_crash else "broke its contract"

    @property
    def _instead(self) -> str:
        if self.used is None:
            return "there is no good load to use instead"
        return f"the last good load is used, complete up to {self.data_as_of}"


@dataclass(frozen=True)
class Judged:
    """All raw tables tonight."""

    tables: tuple[TableNight, ...]

    @property
    def raw_tables(self) -> tuple[RawTable, ...]:
        """What the raw faces are made of: tables of which anything ever came."""
        return tuple(each.verdict.raw_table for each in self.tables if each.verdict.newest)

    @property
    def states(self) -> tuple[TableState, ...]:
        """What scores need to know of each table."""
        return tuple(
            TableState(
                source_id=each.arrival.source_id,
                table_id=each.arrival.table_id,
                data_as_of=each.data_as_of,
                is_rejected=each.outcome == "rejected",
            )
            for each in self.tables
        )

    @property
    def quality(self) -> Mapping[str, Sequence[Row]]:
        """Rows of the tables of the schema `quality` that tell of loads."""
        verdicts = [each.verdict for each in self.tables]
        return {
            "quality.load": load_rows(verdicts),
            "quality.contract_result": contract_result_rows(verdicts),
            "quality.quarantined_row": quarantined_rows(verdicts),
            "quality.source_status": [_status_row(each) for each in self.tables],
        }

    @property
    def sources(self) -> tuple[SourceRecord, ...]:
        """What came in, for the run's record."""
        return tuple(
            SourceRecord(
                source=each.arrival.source_id,
                table=each.arrival.table_id,
                outcome=each.outcome,
                row_count=each.arrival.row_count,
                data_as_of=each.data_as_of,
                message=each.message,
            )
            for each in self.tables
        )

    @property
    def checks(self) -> CheckRecord:
        """How many contract checks of the newest loads came out how."""
        results = [result for each in self.tables for result in each.results]
        broken = [result for result in results if result.outcome == "failed"]
        return CheckRecord(
            passed=sum(result.outcome == "passed" for result in results),
            failed=sum(result.severity == "fail" for result in broken),
            warned=sum(result.severity == "warn" for result in broken),
            crashed=sum(result.outcome == "crashed" for result in results),
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the night is not a good one."""
        return tuple(problem for each in self.tables for problem in each.problems)


def _status_row(table: TableNight) -> Row:
    """Give a table's row of quality.source_status.

    Tables that brought nothing new, or were not asked, stand as `good`: else equal data would make unequal releases.
    """
    return {
        "source_id": table.arrival.source_id,
        "table_id": table.arrival.table_id,
        "source_name": table.source.name,
        "owner_name": table.source.owner,
        "area": table.source.area,
        "outcome": table.outcome if table.outcome in ("failed", "rejected") else "good",
        "message": table.message or None,
        "selected_load_id": table.used.load_id if table.used else None,
        "data_as_of_date": table.data_as_of,
        "is_fresh": table.is_fresh,
    }


def _decides(result: CheckResult) -> bool:
    return result.severity == "fail" and result.outcome != "passed"
