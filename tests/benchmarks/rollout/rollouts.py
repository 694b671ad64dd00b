"""Whole rollouts, judged by the production functions."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.rollout.cells import LOOKS, LOOKS_A_MINUTE, WEIGHTS, Cell, ShiftCell
from benchmarks.rollout.traffic import (
    DAY,
    Block,
    Traffic,
    counts,
    history,
    known_mix_dispersion,
    mix_at,
    tilted,
)
from perennial.statistics import ratio, shift
from perennial.statistics.blocks import Blocks
from perennial.statistics.dispersion import DispersionSums, between_pods, in_force
from perennial.statistics.ratio import RatioRule
from perennial.statistics.shift import MixBlocks, ShiftRule

LAST = len(WEIGHTS) - 1


@dataclass
class Results:
    """When each rollout ended, in minutes; infinite where it did not."""

    rolled_back: np.ndarray
    promoted: np.ndarray
    first_step: np.ndarray
    too_early: int = 0  # steps that ended on fewer samples than the rule requires

    @classmethod
    def none(cls, paths: int) -> "Results":
        return cls(*(np.full(paths, np.inf) for _ in range(3)))

    def share(self, which: str) -> float:
        return float(np.isfinite(getattr(self, which)).mean())

    def median(self, which: str) -> float:
        return float(np.median(getattr(self, which)))


@dataclass
class Progress:
    """The rollouts that are still under way."""

    results: Results
    alive: np.ndarray  # their numbers
    step: np.ndarray
    samples: np.ndarray

    @classmethod
    def begin(cls, paths: int) -> "Progress":
        zeros = np.zeros(paths, dtype=np.int64)
        return cls(Results.none(paths), np.arange(paths), zeros, np.zeros(paths))

    def look(self, minute: float, failed: np.ndarray, passed: np.ndarray, required: int) -> tuple:
        """Note what a look decides; return who begins a step, and who is still under way."""
        passed = passed & ~failed
        self.results.rolled_back[self.alive[failed]] = minute
        self.results.too_early += int((passed & (self.samples < required)).sum())
        self.results.first_step[self.alive[passed & (self.step == 0)]] = minute
        promoted = passed & (self.step == LAST)
        self.results.promoted[self.alive[promoted]] = minute
        stepping, staying = passed & ~promoted, ~(failed | promoted)
        self.step = self.step + stepping
        self.alive, self.step = self.alive[staying], self.step[staying]
        self.samples = self.samples[staying]
        return stepping, staying


def rates(cell: Cell, paths: int, looks: int = LOOKS) -> Results:
    """Return how rollouts of a cell end that are judged by their errors alone."""
    rule = rule_of(cell)
    traffic = Traffic(cell, cell.random(), paths)
    state = ratio.begin(rule, paths).begin_step()
    before, present = history(cell, paths), DispersionSums.none(paths)
    progress = Progress.begin(paths)
    for look in range(looks):
        block = traffic.block(WEIGHTS[progress.step], np.array(cell.ratios)[progress.step])
        present += between_pods(block.stable_events[:, None], block.stable_trials[:, None])
        dispersion = in_force(before, present)[:, None]
        state, evidence = ratio.absorb(rule, state, blocks_of(block), dispersion)
        progress.samples = progress.samples + block.trials
        failed = rule.levels.failed(evidence)[:, 0]
        passed = rule.levels.passed(evidence)[:, 0] & (state.counts[:, 1] >= rule.min_samples)
        stepping, staying = progress.look(
            (look + 1) / LOOKS_A_MINUTE, failed, passed, rule.min_samples
        )
        if stepping.any():
            state = state.begin_step(stepping)
        if not staying.all():
            state, present, before = (each.take(staying) for each in (state, present, before))
            traffic.take(staying)
        if not staying.any():
            break
    return progress.results


def rule_of(cell: Cell) -> RatioRule:
    rule = RatioRule(limit=1.5, floor=cell.floor, steps=len(WEIGHTS))
    if not (cell.known and cell.floor):
        return rule
    requests = DAY * cell.per_minute / 0.05
    weight = ratio.floor_weight(1.5, cell.floor, cell.base * requests, requests)
    return replace(rule, floor_weight=weight)


def blocks_of(block: Block) -> Blocks:
    return Blocks.of(
        block.events[:, None],
        block.trials[:, None],
        block.stable_events.sum(axis=1)[:, None],
        block.stable_trials.sum(axis=1)[:, None],
    )


def shifts(cell: ShiftCell, paths: int, looks: int = LOOKS) -> Results:
    """Return how rollouts of a cell end that are judged by their predictions alone."""
    rule, random = ShiftRule(limit=0.10, steps=len(WEIGHTS)), cell.random()
    known, progress = known_mix_dispersion(cell, paths), Progress.begin(paths)
    state = shift.begin(rule, len(mix_at(cell, 0)), paths).begin_step()
    a_block = cell.per_minute / 0.05 / LOOKS_A_MINUTE
    for look in range(looks):
        stable, weight = mix_at(cell, look), WEIGHTS[progress.step][:, None, None]
        candidate = tilted(stable, cell.shift)
        blocks = MixBlocks.of(
            counts(random, a_block * weight * candidate, cell.noise),
            counts(random, a_block * (1 - weight) * stable, cell.noise),
        )
        state, evidence = shift.absorb(rule, state, blocks, known[:, None])
        progress.samples = progress.samples + blocks.candidate.sum(axis=(1, 2))
        failed = rule.levels.failed(evidence)[:, 0]
        passed = rule.levels.passed(evidence)[:, 0] & (state.samples() >= rule.min_samples)
        stepping, staying = progress.look(
            (look + 1) / LOOKS_A_MINUTE, failed, passed, rule.min_samples
        )
        if stepping.any():
            state = state.begin_step(stepping)
        if not staying.all():
            state, known = state.take(staying), known[staying]
        if not staying.any():
            break
    return progress.results
