"""How often windows without drift alarm, and how often drift is found, on flights and simulated."""

import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import simulations
from benchmarks.drift import (
    clustered,
    correlation,
    estimate,
    faults,
    objective,
    power,
    report,
    sequence,
)
from benchmarks.drift.report import NEWEST, RANDOM, TRAFFIC, Measured
from harness.paths import ROOT

PAGE = ROOT / "docs/drift-statistics.md"
BEGIN, END = "<!-- tables of make bench-drift -->\n", "<!-- end of tables -->"
LENGTHS = (1, 7, 28)
TIMES = (0.05, 1.0, 4.0, 20.0)


@dataclass(frozen=True)
class Size:
    """The number of references of each suite, of windows of each, and of simulated paths."""

    references: int
    other_references: int
    windows: int
    tried: int
    quiet: int
    paths: int
    iterations: int
    traffic: tuple[float, ...]
    times: tuple[float, ...]
    volume_lengths: tuple[int, ...]
    with_faults: bool


FULL = Size(
    24, 12, 200, 16, 1000, 400, 100, (200.0, TRAFFIC, 20_000.0), TIMES, (1, 7), with_faults=True
)
QUICK = Size(2, 1, 60, 4, 200, 60, 30, (TRAFFIC,), (4.0, 20.0), (7,), with_faults=False)


def main() -> int:
    """Measure, print the tables, and end with one line of JSON."""
    parser = simulations.parser(
        "make bench-drift", __doc__, "few windows; misses do not fail", PAGE
    )
    options = parser.parse_args()
    measured = measure(QUICK if options.quick else FULL, options.processes)
    found = report.summary(measured)
    print(report.tables(measured), "", sep="\n")
    failures = list(report.missed(found))
    print(*(f"missed: {failure}" for failure in failures), sep="\n")
    if options.write:
        simulations.write_between(PAGE, BEGIN, END, f"{report.tables(measured)}\n")
    print(simulations.last_line(found))
    return 1 if failures and not options.quick else 0


def measure(size: Size, processes: int) -> Measured:
    """Return what all suites show."""
    with ProcessPoolExecutor(processes) as pool:
        tried = partial(power.power, size.quiet, size.quiet // 3)
        suites: dict[str, dict[Any, list[Future[Any]]]] = {
            "power": {0: [pool.submit(tried)]},
            "days": {
                length: _each(
                    pool, size.references, clustered.whole_days, length, size.windows, size.tried
                )
                for length in LENGTHS
            },
            "volume": {
                (length, times): _each(
                    pool, size.other_references, clustered.volume, length, times, size.windows
                )
                for length in size.volume_lengths
                for times in size.times
            },
            "thirds": {
                days: _each(pool, size.other_references, clustered.thirds, days, size.windows)
                for days in (1, 2)
            },
            "delays": {0: [pool.submit(sequence.delays, size.paths, 4000)]},
            "estimates": {
                name: [pool.submit(estimate.estimates, newest=newest, iterations=size.iterations)]
                for name, newest in ((RANDOM, False), (NEWEST, True))
            },
            "correlation": {0: [pool.submit(correlation.correlation, size.quiet, size.quiet // 4)]},
            "faults": {0: [pool.submit(faults.faults)]} if size.with_faults else {},
            "objective": {
                hourly: [pool.submit(objective.objective, 2 * size.paths, hourly)]
                for hourly in size.traffic
            },
        }
        found = {
            suite: {cell: [each.result() for each in futures] for cell, futures in cells.items()}
            for suite, cells in suites.items()
        }
    one = {suite: {cell: each[0] for cell, each in cells.items()} for suite, cells in found.items()}
    return Measured(
        power=one["power"][0],
        days=found["days"],
        volume=found["volume"],
        thirds=found["thirds"],
        delays=one["delays"][0],
        estimates=one["estimates"],
        correlation=one["correlation"][0],
        objective=one["objective"],
        faults=one["faults"].get(0),
    )


def _each(
    pool: ProcessPoolExecutor, references: int, function: Callable[..., Any], *given: object
) -> list[Future[Any]]:
    """Start the function for each reference."""
    return [pool.submit(function, seed, *given) for seed in range(references)]


if __name__ == "__main__":
    sys.exit(main())
