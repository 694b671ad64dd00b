"""Windows of whole days drawn at random: alarms of production's test and of others' rules."""

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.drift import peers
from benchmarks.drift.days import Blocks, Watched, counts, watched
from perennial.statistics.components import Components
from perennial.statistics.pseudo_windows import PseudoWindows, parts_of
from perennial.statistics.table import TableNull

LEVEL = 0.01
PSEUDO_WINDOWS = 400
OURS = "Perennial"


@dataclass
class Alarms:
    """Shares of the windows with an alarm, by rule; and of windows with a defect, by defect."""

    windows: float  # days, or times the reference's rows
    false: dict[str, float]
    found: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """A reference of random days, and the null of windows of one length."""

    inputs: list[Watched]
    by_block: np.ndarray
    every: np.ndarray
    null: TableNull

    @property
    def total(self) -> np.ndarray:
        return self.by_block.sum(axis=1)

    def alarms(self, parts: np.ndarray) -> float:
        return float((self.null.judged(self.total, parts).table <= LEVEL).mean())


def reference(blocks: Blocks, length: int, *, runs: bool = False) -> Reference:
    inputs = watched(blocks)
    by_block, every = counts(inputs)
    pseudo = PseudoWindows.of(by_block.shape[1], length, PSEUDO_WINDOWS, runs=runs, seed=length)
    rows = by_block[0].sum() / by_block.shape[1] * length
    totals = [each.of_reference.sum(axis=0) for each in inputs]
    components = Components.of([each.kind for each in inputs], totals, rows)
    new = np.stack([each.new(pseudo) for each in inputs])
    null = TableNull.fitted(components, by_block, pseudo, new)
    return Reference(inputs, by_block, every, null)


def whole_days(seed: int, length: int, windows: int, tried: int) -> Alarms:
    """Return the alarms on windows of days, with a defect in `tried` of them."""
    blocks, random = Blocks.days(seed), np.random.default_rng([seed, length])
    ours = reference(blocks, length)
    drawn = draw(blocks, length, windows, random)
    parts = counted(ours.every, drawn)
    chunks = random.permutation(ours.by_block.shape[1])[: 180 // length * length]
    grouped = ours.by_block[:, chunks.reshape(-1, length)].sum(axis=2)
    seen = peers.Seen([each.kind for each in ours.inputs], grouped, parts.sum(axis=2))
    false = {name: float(rule(seen).mean()) for name, rule in peers.RULES.items()}
    found = _found(ours, drawn[:tried], random) if tried else {}
    return Alarms(length, {OURS: ours.alarms(parts), **false}, found)


def volume(seed: int, length: int, times: float, windows: int) -> Alarms:
    """Return the alarms where traffic has so many times the reference's rows."""
    blocks, random = Blocks.days(seed, share=min(1.0, 1 / times)), np.random.default_rng(seed)
    ours = reference(blocks, length)
    parts = counted(ours.every, draw(blocks, length, windows, random))
    if times < 1:
        parts = random.binomial(parts.astype(int), times).astype(float)
    as_it_is = replace(ours.null.window, rows=1e18, dispersion=ours.null.window.dispersion * 0)
    plain = replace(ours, null=replace(ours.null, window=as_it_is))
    return Alarms(times, {OURS: ours.alarms(parts), "as many rows assumed": plain.alarms(parts)})


def thirds(seed: int, days: int, windows: int) -> Alarms:
    """Return the alarms where a block is a third of a day, by runs and by scattered blocks."""
    blocks, random = Blocks.days(seed, parts=3), np.random.default_rng([seed, days])
    drawn = draw(blocks, days, windows, random)
    false = {}
    for name, runs in ((OURS, True), ("scattered blocks", False)):
        ours = reference(blocks, 3 * days, runs=runs)
        false[name] = ours.alarms(counted(ours.every, drawn))
    return Alarms(days, false)


def draw(blocks: Blocks, days: int, windows: int, random: np.random.Generator) -> np.ndarray:
    """Return the blocks of windows of days outside the reference, (windows, blocks)."""
    order = [random.choice(len(blocks.others), days, replace=False) for _ in range(windows)]
    return blocks.others[np.sort(np.stack(order), axis=1)].reshape(windows, -1)


def counted(every: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return counts (inputs, windows, parts, bins) of the drawn blocks (windows, length)."""
    parts = parts_of(drawn.shape[1])
    return np.stack([every[:, drawn[:, part]].sum(axis=2) for part in parts], axis=2)


def _found(ours: Reference, drawn: np.ndarray, random: np.random.Generator) -> dict[str, float]:
    """Return the share of windows found, by defect, where one input at a time has it."""
    rates: dict[str, list[float]] = {}
    sound = counted(ours.every, drawn)
    for at, each in enumerate(ours.inputs):
        for name, blocks in each.defects(random):
            parts = sound.copy()
            parts[at, ..., : each.width] = counted(blocks[None], drawn)[0]
            rates.setdefault(name, []).append(ours.alarms(parts))
    every = [rate for found in rates.values() for rate in found]
    return {"all": float(np.mean(every)), **{k: float(np.mean(v)) for k, v in rates.items()}}


def mean(cells: list[Alarms]) -> Alarms:
    """Return the means over references of one kind of windows."""
    return Alarms(
        cells[0].windows,
        _mean([c.false for c in cells]),
        _mean([c.found for c in cells if c.found]),
    )


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    return (
        {name: float(np.mean([each[name] for each in found])) for name in found[0]} if found else {}
    )


def standard_error(cells: list[Alarms]) -> float:
    """Return the standard error of our false alarms, over references."""
    rates = [cell.false[OURS] for cell in cells]
    return float(np.std(rates, ddof=1) / np.sqrt(len(rates))) if len(rates) > 1 else float("nan")
