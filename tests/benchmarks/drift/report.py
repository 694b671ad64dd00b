"""The numbers as tables, and the summary that is compared with targets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from benchmarks import simulations
from benchmarks.drift.clustered import OURS, Alarms, mean, standard_error
from benchmarks.drift.correlation import BREAKS, Correlation
from benchmarks.drift.estimate import METRICS, Estimates
from benchmarks.drift.faults import Faults
from benchmarks.drift.objective import Objective
from benchmarks.drift.power import Power
from benchmarks.drift.sequence import Delays
from perennial.statistics.components import Kind

AT_LEAST = {"power_1pct": 0.8, "average_run_length": 1000, "correlation_power": 0.9}
AT_MOST = {
    "false_alarm_clustered_max": 0.03,
    "false_alarm_volume_max": 0.05,
    "false_alarm_runs_max": 0.05,
    "label_corrected_ratio": 0.75,
    "objective_quiet_alarm": 0.05,
    "objective_detect_hours": 8,
}
Row = Sequence[object]
TRAFFIC = 2000.0
"""Requests an hour of the business metric that has targets."""


@dataclass
class Measured:
    """Everything that one run found; alarms by kind of window, one of each reference."""

    power: Power
    days: dict[int, list[Alarms]]
    volume: dict[tuple[int, float], list[Alarms]]
    thirds: dict[int, list[Alarms]]
    delays: Delays
    estimates: dict[str, Estimates]
    correlation: Correlation
    objective: dict[float, Objective]
    faults: Faults | None


def summary(measured: Measured) -> dict[str, float]:
    """Return the numbers that have targets."""
    quiet = measured.objective[TRAFFIC]
    found = {
        "power_1pct": measured.power.mean(Kind.NUMBER, OURS),
        "false_alarm_clustered_max": _largest(measured.days),
        "false_alarm_volume_max": _largest(measured.volume),
        "false_alarm_runs_max": _largest(measured.thirds),
        "average_run_length": measured.delays.run_length[OURS],
        "label_corrected_ratio": measured.estimates[RANDOM].ratio(1),
        "correlation_power": measured.correlation.mean(OURS),
        "objective_quiet_alarm": quiet.quiet[OURS],
        "objective_detect_hours": quiet.hours[OURS],
    }
    return {name: round(number, 4) for name, number in found.items()}


RANDOM, NEWEST = "random rows held out", "the newest rows held out"


def missed(found: Mapping[str, float]) -> Iterator[str]:
    """Return a line for each target that was missed."""
    return simulations.missed(found, AT_MOST, AT_LEAST)


def tables(measured: Measured) -> str:
    """Return all tables as Markdown."""
    references = {len(cells) for cells in measured.days.values()}
    parts = [
        ("Drift of a number, 1 % false alarms", _power(measured.power, Kind.NUMBER)),
        ("Drift of a Category, 1 % false alarms", _power(measured.power, Kind.CATEGORY)),
        (f"Whole days without drift, {max(references)} references: alarms %", _days(measured)),
        ("One input with a defect on whole days: found %", _defects(measured)),
        ("More or less traffic than training rows: alarms %", _volume(measured)),
        ("Blocks of a third of a day: alarms %", _thirds(measured)),
        ("Windows until an alarm", _delays(measured.delays)),
        ("Error of estimates against what came", _estimates(measured.estimates)),
        ("Inputs that no longer belong together: found %", _correlation(measured.correlation)),
        ("A business metric of 5 %", _objective(measured.objective)),
    ]
    if measured.faults:
        parts.append(("Days that are called faulty %", _faults(measured.faults)))
    return "\n\n".join(f"### {title}\n\n{table}" for title, table in parts)


def _largest(cells: Mapping[object, list[Alarms]]) -> float:
    return max(mean(each).false[OURS] for each in cells.values())


def _power(power: Power, kind: Kind) -> str:
    drifts = power.drifts(kind)
    rows = [
        (
            test,
            *(_percent(power.at(kind, test, d)) for d in drifts),
            _percent(power.mean(kind, test)),
        )
        for test in power.tests(kind)
    ]
    return _table(("test", *drifts, "mean"), rows)


def _days(measured: Measured) -> str:
    means = {length: mean(cells) for length, cells in measured.days.items()}
    names = list(next(iter(means.values())).false)
    rows: list[Row] = [(n, *(_percent(each.false[n]) for each in means.values())) for n in names]
    errors = [f"± {100 * standard_error(cells):.1f}" for cells in measured.days.values()]
    rows.insert(1, ("standard error", *errors))
    return _table(("rule", *(f"{length} d" for length in means)), rows)


def _defects(measured: Measured) -> str:
    means = {length: mean(cells) for length, cells in measured.days.items()}
    names = list(next(iter(means.values())).found)
    rows = [(name, *(_percent(each.found[name]) for each in means.values())) for name in names]
    return _table(("defect", *(f"{length} d" for length in means)), rows)


def _volume(measured: Measured) -> str:
    rows = []
    for (length, times), cells in measured.volume.items():
        false = mean(cells).false
        error = f"± {100 * standard_error(cells):.1f}"
        rows.append((f"{length} d", times, *map(_percent, false.values()), error))
    names = list(next(iter(measured.volume.values()))[0].false)
    return _table(("windows", "times the rows", *names, "standard error"), rows)


def _thirds(measured: Measured) -> str:
    rows = []
    for length, cells in measured.thirds.items():
        rows.append((f"{length} d", *map(_percent, mean(cells).false.values())))
    names = list(next(iter(measured.thirds.values()))[0].false)
    return _table(("windows", *names), rows)


def _delays(delays: Delays) -> str:
    rows: list[Row] = [("none", *(round(each) for each in delays.run_length.values()))]
    for shift, found in delays.by_shift.items():
        rows.append((shift, *(round(each, 1) for each in found.values())))
    return _table(("shift (standard errors)", *delays.run_length), rows)


def _estimates(found: Mapping[str, Estimates]) -> str:
    rows: list[Row] = []
    for held_out, each in found.items():
        rows += [
            (held_out, name, *(f"{errors[metric]:.4f}" for metric in METRICS))
            for name, errors in each.errors.items()
        ]
        apart = (f"{each.difference[metric]:.4f}" for metric in METRICS)
        rows.append((held_out, "difference of bins and no bins", *apart))
    return _table(("reference", "estimate", *METRICS), rows)


def _correlation(correlation: Correlation) -> str:
    rows = [
        (test, *map(_percent, found.values()), _percent(correlation.mean(test)))
        for test, found in correlation.found.items()
    ]
    return _table(("test", *BREAKS, "mean"), rows)


def _objective(found: Mapping[float, Objective]) -> str:
    rows = [
        (
            f"{hourly:g}",
            name,
            _percent(each.quiet[name]),
            _percent(each.found[name]),
            "" if isnan(each.hours[name]) else f"{each.hours[name]:g}",
        )
        for hourly, each in found.items()
        for name in each.quiet
    ]
    columns = ("requests/h", "rule", "quiet 4 weeks with an alarm %", "-20 % in 72 h %", "median h")
    return _table(columns, rows)


def _faults(faults: Faults) -> str:
    rows = [("natural", name, _percent(share)) for name, share in faults.natural.items()]
    rows += [(how, name, _percent(share)) for (name, how), share in faults.found.items()]
    return _table(("days", "input", "called faulty %"), rows)


def _percent(share: float) -> str:
    return "" if isnan(share) else f"{100 * share:.1f}"


def _table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
