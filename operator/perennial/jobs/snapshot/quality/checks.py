"""The quality checks of a contract, each with its observation and its limit."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from perennial.api.dataset import Column, DatasetSpec, QualityCheck, QualityReport
from perennial.api.gate import Outcome
from perennial.api.times import to_timedelta
from perennial.jobs.snapshot.quality.personal_data import PersonalDataMatch
from perennial.jobs.snapshot.quality.tallies import ColumnTally

_MOST_CHECKS: Final = 32
_LONGEST: Final = 256
_WORST_FIRST: Final = (Outcome.FAILED, Outcome.WARNED)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The input of all checks."""

    contract: DatasetSpec
    tallies: Mapping[str, ColumnTally]
    rows: int
    repeats: int
    """Duplicates of earlier rows; counted only if the contract limits them."""
    newest: datetime | None
    forbidden: Sequence[str]
    personal_data: Sequence[PersonalDataMatch]
    now: datetime


Checks = Iterator[QualityCheck]


def judge(evidence: Evidence) -> QualityReport:
    """Run all checks; the report lists failures first, then warnings."""
    checks = [check for run in CHECKS for check in run(evidence)]
    open_checks = [
        check for outcome in _WORST_FIRST for check in checks if check.outcome is outcome
    ]
    worst = open_checks[0].outcome if open_checks else Outcome.PASSED
    return QualityReport(
        outcome=worst,
        passed=len(checks) - len(open_checks),
        checks=tuple(open_checks[:_MOST_CHECKS]),
    )


def sentence(check: QualityCheck) -> str:
    """Return a check as a sentence: ``dep_delay: 7.2 % missing, at most 5 % allowed``."""
    subject = f"{check.column}: " if check.column else ""
    return f"{subject}{check.observed}, {check.limit} allowed"


def forbidden_columns(evidence: Evidence) -> Checks:
    """The source has no forbidden column."""
    for name in evidence.contract.quality.forbidden_columns:
        found = "in the source" if name in evidence.forbidden else "not in the source"
        yield _check("ForbiddenColumn", name, found, "none", ok=name not in evidence.forbidden)


def readable_values(evidence: Evidence) -> Checks:
    """Every value can be read as its column's type."""
    for tally in evidence.tallies.values():
        if tally.declared or tally.name == evidence.contract.time_column:
            bad = tally.unreadable
            found = f"{_values(bad.values)} not of type {tally.kind}{_first(bad.first)}"
            yield _check("Type", tally.name, found, "none", ok=not bad.values)


def missing_values(evidence: Evidence) -> Checks:
    """No more values are missing than allowed."""
    for tally, column in _declared(evidence):
        limit = "0" if column.nullable is False else column.max_missing
        if limit is not None and tally.rows:
            share = Fraction(tally.missing, tally.rows)
            found = f"{_percent(share, Fraction(limit))} missing"
            yield _share("Missing", column.name, found, share, limit)


def limits(evidence: Evidence) -> Checks:
    """No number is smaller or larger than allowed."""
    for tally, column in _declared(evidence):
        if column.minimum is not None:
            found = f"{_values(tally.below.values)} below{_first(tally.below.first)}"
            found = f"smallest {_number(tally.smallest)}, {found}"
            limit = f"at least {column.minimum}"
            yield _check("Minimum", column.name, found, limit, ok=not tally.below.values)
        if column.maximum is not None:
            found = f"{_values(tally.above.values)} above{_first(tally.above.first)}"
            found = f"largest {_number(tally.largest)}, {found}"
            limit = f"at most {column.maximum}"
            yield _check("Maximum", column.name, found, limit, ok=not tally.above.values)


def allowed_values(evidence: Evidence) -> Checks:
    """Only allowed values occur."""
    for tally, column in _declared(evidence):
        if column.allowed_values is not None:
            found = f"{_values(tally.foreign.values)} not named{_first(tally.foreign.first)}"
            limit = f"only {', '.join(column.allowed_values)}"
            yield _check("AllowedValues", column.name, found, limit, ok=not tally.foreign.values)


def enough_rows(evidence: Evidence) -> Checks:
    """There are enough rows."""
    least = evidence.contract.quality.min_rows
    if least is not None:
        found, limit = f"{evidence.rows:,} rows", f"at least {least}"
        yield _check("MinRows", None, found, limit, ok=evidence.rows >= least)


def young_enough(evidence: Evidence) -> Checks:
    """The newest row is not too old."""
    limit = evidence.contract.quality.max_age
    if limit is None:
        return
    if evidence.newest is None:
        yield _check("MaxAge", None, "no row has a time", f"at most {limit}", ok=False)
        return
    age = evidence.now - evidence.newest
    found = f"the newest row is {_age(age, limit)} old"
    yield _check("MaxAge", None, found, f"at most {limit}", ok=age <= to_timedelta(limit))


def few_repeats(evidence: Evidence) -> Checks:
    """The share of duplicate rows is within its limit."""
    quality = evidence.contract.quality
    if limits_repeats(evidence.contract):
        limit = quality.max_duplicates or "0"
        share = Fraction(evidence.repeats, max(evidence.rows, 1))
        columns = f" in {', '.join(quality.unique_key)}" if quality.unique_key else ""
        found = f"{_percent(share, Fraction(limit))} of the rows repeat another{columns}"
        yield _share("Duplicates", None, found, share, limit)


def no_personal_data(evidence: Evidence) -> Checks:
    """No text looks like an e-mail address or a telephone, card or national number."""
    policy = evidence.contract.quality.personal_data
    if policy == "Ignore":
        return
    outcome = Outcome.WARNED if policy == "Warn" else Outcome.FAILED
    for match in evidence.personal_data:
        found = f"{match.kind} in {_values(match.values)}"
        yield _with_outcome("PersonalData", match.column, found, "none", outcome)
    if not evidence.personal_data:
        yield _check("PersonalData", None, "no value looks like it", "none", ok=True)


CHECKS: Final[tuple[Callable[[Evidence], Checks], ...]] = (
    forbidden_columns,
    readable_values,
    no_personal_data,
    enough_rows,
    young_enough,
    missing_values,
    limits,
    allowed_values,
    few_repeats,
)


def limits_repeats(contract: DatasetSpec) -> bool:
    """Return whether the contract limits duplicate rows."""
    return contract.quality.unique_key is not None or contract.quality.max_duplicates is not None


def _declared(evidence: Evidence) -> Iterator[tuple[ColumnTally, Column]]:
    for tally in evidence.tallies.values():
        if tally.declared is not None:
            yield tally, tally.declared


def _share(name: str, column: str | None, found: str, share: Fraction, limit: str) -> QualityCheck:
    allowed = Fraction(limit)
    text = f"at most {_percent(allowed, allowed)}" if allowed else "none"
    return _check(name, column, found, text, ok=share <= allowed)


def _check(name: str, column: str | None, found: str, limit: str, *, ok: bool) -> QualityCheck:
    return _with_outcome(name, column, found, limit, Outcome.PASSED if ok else Outcome.FAILED)


def _with_outcome(
    name: str, column: str | None, found: str, limit: str, outcome: Outcome
) -> QualityCheck:
    return QualityCheck(
        name=name, column=column, outcome=outcome, observed=_cut(found), limit=_cut(limit)
    )


def _values(count: int) -> str:
    return f"{count:,} value{'' if count == 1 else 's'}"


def _first(place: str) -> str:
    return f", the first {place}" if place else ""


def _percent(share: Fraction, limit: Fraction) -> str:
    """Return a share in percent, with enough digits to differ from the limit."""
    for digits in range(2, 12):
        text = f"{float(100 * share):.{digits}g}"
        if share == limit or Fraction(text) != 100 * limit:
            break
    return f"{float(text):.10g} %"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.10g}"


def _age(age: timedelta, limit: str) -> str:
    unit = limit[-1]
    return f"{math.ceil(10 * (age / to_timedelta(f'1{unit}'))) / 10:g}{unit}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
