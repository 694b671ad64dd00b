"""The numbers as tables, and the summary that is compared with targets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks import simulations
from benchmarks.rollout.cells import Cell, Noise, ShiftCell
from benchmarks.rollout.eta import Estimated
from benchmarks.rollout.rollouts import Results

TARGETS = {
    "false_rollback_max": 0.01,
    "false_rollback_bursty_max": 0.03,
    "detect_median_minutes_300": 6,
    "promote_median_minutes_300": 15,
    "late_fault_promoted_max": 0.05,
    "total_failure_minutes_10": 3,
    "low_traffic_wrong": 0,
    "shift_false_max": 0.01,
    "eta_error_max": 0.25,
}
Row = Sequence[object]
HIGHEST_HARMLESS_SHIFT = 0.10


@dataclass
class Measured:
    """Everything that one run found."""

    paths: int
    rates: dict[Cell, Results] = field(default_factory=dict)
    shifts: dict[ShiftCell, Results] = field(default_factory=dict)
    peers: dict[Cell, Mapping[str, np.ndarray]] = field(default_factory=dict)
    eta: list[Estimated] = field(default_factory=list)


def summary(measured: Measured) -> dict[str, float]:
    """Return the numbers that have targets; a median is that of the slowest matching cell."""
    return {name: round(number(measured), 4) for name, number in NUMBERS.items()}


def missed(found: Mapping[str, float]) -> Iterator[str]:
    """Return a line for each target that was missed."""
    return simulations.missed(found, TARGETS, {})


def tables(measured: Measured) -> str:
    """Return all tables as Markdown."""
    parts = [
        ("A candidate as good as stable", _table(_ENDS, _rates(measured, "healthy"))),
        ("A worse candidate", _table(_ENDS, _rates(measured, "twice", "half"))),
        ("Unknown dispersion, few or no errors, total failure", _table(_ENDS, _unusual(measured))),
        ("Shifted predictions, limit .10", _table(_SHIFT_ENDS, _shifts(measured))),
        ("Beside other rules", _table(_PEER_COLUMNS, _peers(measured))),
        ("Time left, in the first step", _table(_ETA_COLUMNS, _eta(measured))),
    ]
    return "\n\n".join(f"### {title}\n\n{table}" for title, table in parts if table)


_ENDS = (
    *("candidate", "noise", "requests/min", "stable pods", "rolled back %", "median min"),
    *("promoted %", "first step min", "100 % min"),
)
_SHIFT_ENDS = (
    "shift",
    "noise",
    "requests/min",
    "rolled back %",
    "median min",
    "promoted %",
    "100 % min",
)
_PEER_COLUMNS = (
    *(
        "rule",
        "false rollback %: independent",
        "shared shocks",
        "clusters",
        "worst of 10-3,000/min",
    ),
    *("twice the errors: found %", "median min", "in clusters: found %", "median min"),
    *("late fault promoted %", "all fail, 10/min: min"),
)
_ETA_COLUMNS = (
    "candidate",
    "noise",
    "requests/min",
    "part of the way",
    "estimated min",
    "actual min",
)


def _no_worse(cell: Cell) -> bool:
    return not cell.all_fail and cell.ratios == (1.0, 1.0, 1.0)


def _slowest(measured: Measured, name: str, per_minute: int, which: str) -> float:
    return max(
        got.median(which)
        for cell, got in measured.rates.items()
        if (cell.name, cell.per_minute, cell.noise) == (name, per_minute, Noise.INDEPENDENT)
    )


def _false_rollback(measured: Measured, *, bursty: bool) -> float:
    return max(
        got.share("rolled_back")
        for cell, got in measured.rates.items()
        if _no_worse(cell) and (cell.noise is Noise.CLUSTERS) == bursty
    )


def _late_fault_promoted(measured: Measured) -> float:
    late = [got for cell, got in measured.rates.items() if cell.ratios[2] > cell.ratios[0]]
    return max(got.share("promoted") for got in late)


def _total_failure(measured: Measured) -> float:
    cells = [cell for cell in measured.rates if cell.all_fail and not cell.known]
    return max(measured.rates[c].median("rolled_back") for c in cells if c.per_minute == 10)


def _too_early(measured: Measured) -> int:
    return sum(got.too_early for got in [*measured.rates.values(), *measured.shifts.values()])


def _false_shift(measured: Measured) -> float:
    harmless = [c for c in measured.shifts if c.shift <= HIGHEST_HARMLESS_SHIFT]
    return max(measured.shifts[cell].share("rolled_back") for cell in harmless)


def _eta_error(measured: Measured) -> float:
    return max(each.error for each in measured.eta if _no_worse(each.cell))


NUMBERS: Mapping[str, Callable[[Measured], float]] = {
    "false_rollback_max": partial(_false_rollback, bursty=False),
    "false_rollback_bursty_max": partial(_false_rollback, bursty=True),
    "detect_median_minutes_300": partial(
        _slowest, name="twice the errors", per_minute=300, which="rolled_back"
    ),
    "promote_median_minutes_300": partial(
        _slowest, name="healthy", per_minute=300, which="promoted"
    ),
    "late_fault_promoted_max": _late_fault_promoted,
    "total_failure_minutes_10": _total_failure,
    "low_traffic_wrong": _too_early,
    "shift_false_max": _false_shift,
    "eta_error_max": _eta_error,
}


def _rates(measured: Measured, *names: str) -> Iterator[Row]:
    for cell, got in measured.rates.items():
        if cell.name.startswith(names) and cell.known:
            yield cell.name, cell.noise, cell.per_minute, cell.pods, *_ends(got)


def _unusual(measured: Measured) -> Iterator[Row]:
    for cell, got in measured.rates.items():
        if not cell.known or not cell.name.startswith(("healthy", "twice", "half")):
            known = "" if cell.known or "unknown" in cell.name else ", dispersion unknown"
            yield cell.name + known, cell.noise, cell.per_minute, cell.pods, *_ends(got)


def _shifts(measured: Measured) -> Iterator[Row]:
    for cell, got in measured.shifts.items():
        rolled, median, promoted, _, whole = _ends(got)
        yield cell.name, cell.noise, cell.per_minute, rolled, median, promoted, whole


def _ends(got: Results) -> Row:
    return (
        _percent(got.share("rolled_back")),
        _minutes(got.median("rolled_back")),
        _percent(got.share("promoted")),
        _minutes(got.median("first_step")),
        _minutes(got.median("promoted")),
    )


def _peers(measured: Measured) -> Iterator[Row]:
    names = dict.fromkeys(name for ends in measured.peers.values() for name in ends)
    for name in names:
        yield name, *_peer({cell: ends[name] for cell, ends in measured.peers.items()})


def _peer(ends: Mapping[Cell, np.ndarray]) -> Row:
    def at(name: str, noise: Noise = Noise.INDEPENDENT, per_minute: int = 300) -> np.ndarray:
        wanted = (name, noise, per_minute)
        return next(e for c, e in ends.items() if (c.name, c.noise, c.per_minute) == wanted)

    healthy = [np.isfinite(e).mean() for cell, e in ends.items() if _no_worse(cell)]
    found, late = at("twice the errors"), at("twice in the last step")
    bursts = at("twice the errors", Noise.CLUSTERS)
    return (
        *(_percent(np.isfinite(at("healthy", noise)).mean()) for noise in Noise),
        _percent(max(healthy)),
        _percent(np.isfinite(found).mean()),
        _minutes(float(np.median(found))),
        _percent(np.isfinite(bursts).mean()),
        _minutes(float(np.median(bursts))),
        _percent(1 - np.isfinite(late).mean()),
        _minutes(float(np.median(at("every request fails", per_minute=10)))),
    )


def _eta(measured: Measured) -> Iterator[Row]:
    for each in measured.eta:
        cell, part = each.cell, f"{each.fraction:.0%}"
        ends = _minutes(each.estimate), _minutes(each.actual)
        yield cell.name, cell.noise, cell.per_minute, part, *ends


def _percent(share: Any) -> str:
    return f"{100 * float(share):.1f}"


def _minutes(minutes: float) -> str:
    return f"{minutes:.1f}" if np.isfinite(minutes) else "-"


def _table(columns: Sequence[str], rows: Iterator[Row]) -> str:
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *lines])
