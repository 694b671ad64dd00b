"""What stable counted before a rollout: the bound of slow requests, and how counts vary."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from perennial.api.rollout_status import Baseline, GateBaseline
from perennial.observing.rollout_counts import (
    Events,
    classes,
    mix_sums,
    rate_measures,
    rate_sums,
    rows,
)
from perennial.planning.model_deployment.gates.counts import PREDICTIONS
from perennial.planning.model_deployment.gates.wording import decimal
from perennial.planning.model_deployment.question import Source
from perennial.prometheus import families
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Block, Increments
from perennial.prometheus.ledger import Counts, Ledger
from perennial.statistics.dispersion import DispersionSums, between_blocks

LONGEST: Final = timedelta(days=1)
BLOCKS: Final = 96
"""A day in quarters of an hour: few enough to read, short enough to show bursts."""
_PERCENTILE: Final = 0.99
_ENOUGH: Final = 100
"""Answered requests that are needed to tell a 99th percentile."""


def history_grid(source: Source) -> Grid:
    """Return the blocks of stable's history, which end with the first block of the rollout."""
    end = source.begin + source.interval
    length = min(LONGEST, end - source.stable_since)
    blocks = max(1, min(BLOCKS, length // source.interval))
    interval = max(length, source.interval).total_seconds() / blocks
    return Grid(end.timestamp() - blocks * interval, interval)


def baseline_of(source: Source, blocks: Sequence[Block], ledger: Ledger) -> Baseline:
    """Return the baseline from the blocks of stable's history and the ledger at their end."""
    if not any(life.revision == source.stable for life in ledger.lives):
        return Baseline(is_compared=False)
    found = [each for block in blocks if isinstance(each := block.of(source.stable), Increments)]
    bound = latency_bound([each.total for each in found])
    gates = [_of_rates(gate, measure, found) for gate, measure in rate_measures(bound).items()]
    gates.append(_of_mix(found, ledger))
    return Baseline(is_compared=True, latency_bound=_text(bound), gates=tuple(gates))


def latency_bound(history: Sequence[Counts]) -> float | None:
    """Return the end of the bucket that holds the 99th percentile; None with too few requests."""
    totals: dict[float, float] = {}
    for counts in history:
        for count, value in counts.items():
            if count.family == families.LATENCY:
                end = float(count.labels[0])
                totals[end] = totals.get(end, 0.0) + value
    every = max(totals.values(), default=0.0)
    if every < _ENOUGH:
        return None
    bound = min(end for end, value in totals.items() if value >= _PERCENTILE * every)
    return None if bound == float("inf") else bound


def _of_rates(
    gate: str, measure: Callable[[Counts], Events], history: Sequence[Increments]
) -> GateBaseline:
    totals = [measure(each.total) for each in history]
    events, trials = (sum(each) for each in zip(*totals, strict=True)) if totals else (0.0, 0.0)
    by_block = [rate_sums(measure(pod) for pod in each.by_pod.values()) for each in history]
    sums = DispersionSums.of_blocks(by_block)
    if totals and not sums.degrees.any():
        sums = between_blocks(*zip(*totals, strict=True))
    return _recorded(gate, sums, events, trials)


def _of_mix(history: Sequence[Increments], ledger: Ledger) -> GateBaseline:
    bins = classes(ledger)
    family = families.CLASSES
    by_block = [
        mix_sums(rows(family, bins.stable, bins.size, pod) for pod in each.by_pod.values())
        for each in history
    ]
    every = sum(sum(rows(family, bins.stable, bins.size, each.total)) for each in history)
    return _recorded(PREDICTIONS, DispersionSums.of_blocks(by_block), every, every)


def _recorded(gate: str, sums: DispersionSums, events: float, trials: float) -> GateBaseline:
    squares, expected = float(sums.squares.sum()), float(sums.expected.sum())
    whole = DispersionSums.of_blocks(
        [(squares, expected, float(sums.degrees.sum()), float(sums.events.sum()))]
    )
    return GateBaseline(
        name=gate,
        events=round(events),
        trials=round(trials),
        dispersion=decimal(squares / expected if expected else 1.0) or "1",
        degrees=decimal(float(whole.known()[0])) or "0",
    )


def _text(bound: float | None) -> str | None:
    """Return the bound as the label `le` states it, so that it selects the bucket."""
    return None if bound is None else f"{bound:f}".rstrip("0").rstrip(".")
