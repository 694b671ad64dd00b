"""Whether the time left that is shown is the time that is left."""

from dataclasses import dataclass

import numpy as np

from benchmarks.rollout.cells import LOOKS, LOOKS_A_MINUTE, WEIGHTS, Cell
from benchmarks.rollout.rollouts import rule_of
from benchmarks.rollout.traffic import Traffic, history
from perennial.statistics import ratio, time_left
from perennial.statistics.blocks import Blocks
from perennial.statistics.judge import Timeline

FRACTIONS = (0.1, 0.25, 0.5)  # of the median time to the end of the first step


@dataclass(frozen=True)
class Estimated:
    """The medians of what was estimated and of what came, in minutes."""

    cell: Cell
    fraction: float
    estimate: float
    actual: float

    @property
    def error(self) -> float:
        return abs(self.estimate / self.actual - 1)


def estimates(cell: Cell, paths: int, most: int) -> list[Estimated]:
    """Return how estimates in the first step compare with its end, for at most so many rollouts."""
    blocks, dispersion = _first_steps(cell, paths), history(cell, paths).estimate()
    ended = _ends(cell, blocks, dispersion)
    found = []
    for fraction in FRACTIONS:
        looks = max(1, round(float(np.median(ended)) * fraction))
        running = np.flatnonzero(ended > looks)
        drawn = [_left(cell, blocks, dispersion, path, looks) for path in running[:most]]
        left = np.array([np.inf if each is None else each.blocks for each in drawn])
        actual = ended[running] - looks
        minutes = (float(np.median(each)) / LOOKS_A_MINUTE for each in (left, actual))
        found.append(Estimated(cell, fraction, *minutes))
    return found


def _first_steps(cell: Cell, paths: int) -> Blocks:
    traffic, columns = Traffic(cell, cell.random(), paths), []
    for _ in range(LOOKS):
        block = traffic.block(np.full(paths, WEIGHTS[0]), np.full(paths, cell.ratios[0]))
        stable = block.stable_events.sum(axis=1), block.stable_trials.sum(axis=1)
        columns.append((block.events, block.trials, *stable))
    return Blocks.of(*(np.stack(counts, axis=1) for counts in zip(*columns, strict=True)))


def _ends(cell: Cell, blocks: Blocks, dispersion: np.ndarray) -> np.ndarray:
    """Return the look at which each rollout's first step passes or fails."""
    rule, paths = rule_of(cell), len(dispersion)
    state = ratio.begin(rule, paths).begin_step()
    ended = np.full(paths, np.inf)
    for look in range(LOOKS):
        one = blocks.at(slice(look, look + 1))
        state, evidence = ratio.absorb(rule, state, one, dispersion[:, None])
        passed = rule.levels.passed(evidence)[:, 0] & (state.counts[:, 1] >= rule.min_samples)
        decided = passed | rule.levels.failed(evidence)[:, 0]
        ended = np.where(decided & np.isinf(ended), look + 1, ended)
    return ended


def _left(
    cell: Cell, blocks: Blocks, dispersion: np.ndarray, path: int, looks: int
) -> time_left.TimeLeft | None:
    one = slice(path, path + 1)
    seen = Blocks(
        blocks.candidate_events[one, :looks],
        blocks.candidate_trials[one, :looks],
        blocks.stable_events[one, :looks],
        blocks.stable_trials[one, :looks],
    )
    timeline = Timeline(np.zeros(looks, dtype=np.int64), 0, float(dispersion[path]))
    return time_left.of_ratio(rule_of(cell), seen, timeline, horizon=LOOKS, seed=path)
