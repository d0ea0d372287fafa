"""What a contract checks, and how its results read: names, outcomes and sentences.

Not here: how an answer comes about (judge, rules, checker).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scorecard.contracts import Contract, Expectation
from scorecard.load import LoadManifest
from transforms.checker import Answer
from transforms.contracts.expectations import (
    check_name,
    column_fault,
    expectation_faults,
    sentence,
)
from transforms.contracts.rules import RuleOutcome, Split, allowed_rows
from transforms.contracts.verdicts import CheckResult, Outcome

LIMIT_CHECK = "quarantined_share_is_within_limit"
NO_BLAME = "This says nothing of the data."


@dataclass(frozen=True)
class Check:
    """A check that a contract makes of every load."""

    name: str
    """The truth that it asserts; letters, digits and underscores."""
    expectation: str
    """Its Great Expectations type, `row_rule` or `quarantine_limit`."""
    severity: Literal["fail", "warn"]
    """Row rules warn, since they hold back rows and not the load: their limit fails."""
    description: str


def checks(contract: Contract) -> tuple[Check, ...]:
    """Give what a contract checks, in the order of its results: row rules, their limit, expectations."""
    found = [
        Check(
            rule.name, "row_rule", "warn", f"No row is quarantined for this reason: {rule.reason}"
        )
        for rule in contract.row_rules
    ]
    if contract.row_rules:
        found.append(Check(LIMIT_CHECK, "quarantine_limit", "fail", _limit_sentence(contract)))
    found += [
        Check(check_name(each), each.type, each.severity, f"{sentence(each)}.")
        for each in contract.expectations
    ]
    return tuple(_distinct(found))


def rule_results(parts: Split, load: LoadManifest, contract: Contract) -> Iterator[CheckResult]:
    """Give the results of a contract's row rules and of their limit."""
    for outcome in parts.outcomes:
        yield _rule_result(outcome, load)
    if contract.row_rules:
        yield _limit_result(parts, load, contract)


def told_by_columns(expectation: Expectation, columns: Mapping[str, str]) -> CheckResult | None:
    """Give the result that needs no look at the rows; None where rows decide.

    An expectation that is not let through is a fault of the contract: the check crashes. A column that is missing or came
    as another type is a fault of the data: the check fails.
    """
    refused = [f"{what} {mend}" for what, mend in expectation_faults(expectation)]
    if refused:
        return expectation_result(expectation, Answer(success=False, crash=" ".join(refused)))
    fault = column_fault(expectation, columns)
    if fault is None:
        return None
    return _result(expectation, "failed", f"Expected: {sentence(expectation)}. {fault}")


def expectation_result(expectation: Expectation, answer: Answer) -> CheckResult:
    """Put the checker's answer into words."""
    if answer.crash is not None:
        return _result(
            expectation, "crashed", f"The checker failed: {_stop(answer.crash)} {NO_BLAME}"
        )
    core = f"{sentence(expectation)}."
    result = (
        _result(expectation, "passed", f"As expected: {core}")
        if answer.success
        else _result(expectation, "failed", f"Expected: {core}{_seen(answer)}")
    )
    return result.model_copy(
        update={
            "unexpected_count": answer.unexpected_count,
            "row_count": answer.row_count,
            "observed_value": answer.observed,
        }
    )


def first_line(error: Exception) -> str:
    """Give the first line of an error's text, or its type where it has none."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _rule_result(outcome: RuleOutcome, load: LoadManifest) -> CheckResult:
    state, message = _rule_message(outcome, load)
    return CheckResult(
        check_name=outcome.rule.name,
        expectation="row_rule",
        severity="warn",
        outcome=state,
        unexpected_count=None if outcome.fault or outcome.crash else outcome.broken_count,
        row_count=load.row_count,
        message=message,
    )


def _rule_message(outcome: RuleOutcome, load: LoadManifest) -> tuple[Outcome, str]:
    if outcome.crash:
        return "crashed", f"The rule could not be applied: {_stop(outcome.crash)} {NO_BLAME}"
    if outcome.fault:
        return "failed", f"The load cannot be held to the rule. {outcome.fault}"
    if outcome.broken_count:
        count = f"{outcome.broken_count} of {load.row_count} rows are quarantined"
        return "failed", f"{count}: {outcome.rule.reason}"
    return "passed", "No row is quarantined."


def _limit_result(parts: Split, load: LoadManifest, contract: Contract) -> CheckResult:
    """Judge the share of quarantined rows; it is not known where a rule could not be applied."""
    count = parts.quarantined_count
    outcome, message = _limit_message(parts, load, contract)
    return CheckResult(
        check_name=LIMIT_CHECK,
        expectation="quarantine_limit",
        severity="fail",
        outcome=outcome,
        unexpected_count=count,
        row_count=load.row_count,
        observed_value=f"{count / load.row_count:.6f}" if load.row_count else "0",
        message=message,
    )


def _limit_message(parts: Split, load: LoadManifest, contract: Contract) -> tuple[Outcome, str]:
    seen = f"{parts.quarantined_count} of {load.row_count} rows are quarantined."
    faulty = [outcome.rule.name for outcome in parts.outcomes if outcome.fault]
    crashed = [outcome.rule.name for outcome in parts.outcomes if outcome.crash]
    if parts.quarantined_count > allowed_rows(load, contract):
        return "failed", f"Expected: {_limit_sentence(contract)} Seen: {seen}"
    if faulty:
        return "failed", f"The load lacks columns that rules name: {', '.join(faulty)}."
    if crashed:
        return "crashed", f"Rules could not be applied: {', '.join(crashed)}. {NO_BLAME}"
    return "passed", seen


def _limit_sentence(contract: Contract) -> str:
    share = f"{contract.quarantine_limit * 100:g} %"
    rows = f", or {contract.quarantine_rows}," if contract.quarantine_rows else ""
    return f"At most {share}{rows} of the rows are quarantined."


def _result(expectation: Expectation, outcome: Outcome, message: str) -> CheckResult:
    reason = expectation.reason if outcome == "failed" else ""
    return CheckResult(
        check_name=check_name(expectation),
        expectation=expectation.type,
        severity=expectation.severity,
        outcome=outcome,
        message=f"{message} {reason}".strip(),
    )


def _seen(answer: Answer) -> str:
    if answer.unexpected_count is not None and answer.row_count is not None:
        return f" {answer.unexpected_count} of {answer.row_count} rows break it."
    return f" Seen: {answer.observed}." if answer.observed is not None else ""


def _stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _distinct(found: Sequence[Check]) -> Iterator[Check]:
    """Tell apart checks that would have the same name, by a number."""
    taken: set[str] = set()
    for check in found:
        name, number = check.name, 1
        while name in taken:
            number += 1
            name = f"{check.name}_{number}"
        taken.add(name)
        yield Check(name, check.expectation, check.severity, check.description)
