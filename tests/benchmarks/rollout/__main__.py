"""How often rollouts end wrongly, and how soon they end rightly, in thousands of simulated ones."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks import simulations
from benchmarks.rollout import cells, eta, peers, report, rollouts
from benchmarks.rollout.cells import Cell, Noise
from benchmarks.rollout.report import Measured
from harness.paths import ROOT

PAGE = ROOT / "docs/rollout-statistics.md"
BEGIN, END = "<!-- tables of make bench-rollout -->\n", "<!-- end of tables -->"
ETA_CELLS = (
    *(Cell("healthy", per_minute=per_minute) for per_minute in (60, 300)),
    Cell("healthy", Noise.SHOCKS),
    Cell("healthy", Noise.CLUSTERS, 3000),
    Cell("twice the errors", ratios=(2.0, 2.0, 2.0)),
)
OURS = "Perennial"


@dataclass(frozen=True)
class Size:
    """How many rollouts are simulated of each cell, and in how many time left is estimated."""

    paths: int
    estimated: Sequence[Cell]
    estimates: int


FULL, QUICK = Size(3000, ETA_CELLS, 100), Size(300, ETA_CELLS[1:2], 50)


def main() -> int:
    """Simulate, print the tables, and end with one line of JSON."""
    parser = simulations.parser("make bench-rollout", __doc__, "300 rollouts of each cell", PAGE)
    options = parser.parse_args()
    measured = measure(QUICK if options.quick else FULL, options.processes)
    found = report.summary(measured)
    print(report.tables(measured), "", sep="\n")
    failures = list(report.missed(found))
    print(*(f"missed: {failure}" for failure in failures), sep="\n")
    if options.write:
        said = f"{measured.paths:,} rollouts in each line.\n\n{report.tables(measured)}\n"
        simulations.write_between(PAGE, BEGIN, END, said)
    print(simulations.last_line(found))
    return 1 if failures else 0


def measure(size: Size, processes: int) -> Measured:
    """Return what all cells show."""
    measured = Measured(size.paths)
    rates = [*cells.healthy(), *cells.faults(), *cells.unusual()]
    compared = list(_compared())
    with ProcessPoolExecutor(processes) as pool:
        ours = _each(pool, partial(rollouts.rates, paths=size.paths), rates)
        shifts = _each(pool, partial(rollouts.shifts, paths=size.paths), list(cells.shifts()))
        theirs = _each(pool, partial(_ends_of_peers, paths=size.paths), compared)
        estimate = partial(eta.estimates, paths=size.paths, most=size.estimates)
        times = _each(pool, estimate, size.estimated)
        measured.rates.update(ours())
        measured.shifts.update(shifts())
        measured.peers.update(theirs())
        measured.eta.extend(each for found in times().values() for each in found)
    for cell in compared:
        measured.peers[cell] = {OURS: measured.rates[cell].rolled_back, **measured.peers[cell]}
    return measured


def _each(
    pool: ProcessPoolExecutor, function: Callable[[Any], Any], given: Sequence[Any]
) -> Callable[[], dict[Any, Any]]:
    """Start the function for each cell; return how to wait for the results."""
    futures = [pool.submit(function, cell) for cell in given]
    return lambda: {cell: future.result() for cell, future in zip(given, futures, strict=True)}


def _compared() -> Iterator[Cell]:
    """Yield the cells in which other rules are tried, too."""
    yield from (cell for cell in cells.healthy() if cell.pods == cells.PODS[0])
    for cell in cells.faults():
        bursts = cell.noise is Noise.CLUSTERS and cell.name == "twice the errors"
        if cell.per_minute == 300 and (bursts or cell.noise is Noise.INDEPENDENT):
            yield cell
    yield from (cell for cell in cells.unusual() if cell.all_fail and not cell.known)


def _ends_of_peers(cell: Cell, paths: int) -> dict[str, np.ndarray]:
    seen = peers.simulate(cell, min(paths, 2000))
    return {name: rule(seen) for name, rule in peers.PEERS.items()}


if __name__ == "__main__":
    sys.exit(main())
