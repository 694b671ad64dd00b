"""The team's own counters of a rollout: their expressions, and what they counted in blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from perennial.api.analysis import CustomGate
from perennial.planning.model_deployment.gates.counts import BlockCounts, RateCounts
from perennial.planning.model_deployment.question import Source, Versions
from perennial.prometheus.custom import (
    CustomBlock,
    CustomCounter,
    CustomLedger,
    Ratio,
    ratio,
)
from perennial.prometheus.evidence import Prometheus, read_custom
from perennial.prometheus.grid import Grid
from perennial.prometheus.guard import ExpressionError, pinned
from perennial.prometheus.queries import SeriesLabels


class Counters(NamedTuple):
    """Numerator and denominator of one gate."""

    numerator: CustomCounter
    denominator: CustomCounter


def counters_of(
    field_name: str, gate: CustomGate, namespace: str, labels: SeriesLabels
) -> Counters:
    """Return the pinned counters of a gate; raises ExpressionError, which names the field."""
    found = (
        CustomCounter(pinned(f"{field_name}.{part}", text, namespace, labels), gate.version_label)
        for part, text in (("numerator", gate.numerator), ("denominator", gate.denominator))
    )
    return Counters(*found)


def expression_problem(
    gates: Sequence[CustomGate], namespace: str, labels: SeriesLabels
) -> str | None:
    """Return why an expression is refused, with the field and the remedy; None if all are fine."""
    try:
        for gate in gates:
            place = f"spec.rollout.analysis.custom[name={gate.name}]"
            counters_of(place, gate, namespace, labels)
    except ExpressionError as error:
        return str(error)
    return None


@dataclass(eq=False)
class CustomReading:
    """What has been read of the counters of one rollout."""

    counters: Mapping[str, Counters]
    """By gate."""
    _ledgers: dict[CustomCounter, CustomLedger | None] = field(default_factory=dict)
    _blocks: dict[CustomCounter, dict[int, CustomBlock]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, labels: SeriesLabels) -> "CustomReading":
        """Return a reading that begins; with one version for both revisions, of nothing."""
        if source.versions.candidate == source.versions.stable:
            return cls({})
        found = {
            gate.name: counters_of(gate.name, gate, source.namespace, labels)
            for gate in source.custom
        }
        return cls(found)

    async def read(self, prometheus: Prometheus, grid: Grid, now: float) -> None:
        """Read all blocks that have ended."""
        for counter in {each for pair in self.counters.values() for each in pair}:
            await self._read(prometheus, counter, grid, now)

    def added(self, index: int, block: BlockCounts, versions: Versions) -> BlockCounts:
        """Return a block with the counts of the gates."""
        rates, missing = dict(block.rates), dict(block.missing_of)
        for gate, (numerator, denominator) in self.counters.items():
            parts = self._blocks[numerator].get(index), self._blocks[denominator].get(index)
            found = list(_ratios(parts, versions))
            if len(found) == len(versions):
                own, other = found
                rates[gate] = RateCounts(*own, *other)
            else:
                missing[gate] = "the denominator has no recent sample of one of the versions"
        for blocks in self._blocks.values():
            blocks.pop(index, None)
        return replace(block, rates=rates, missing_of=missing)

    async def _read(
        self, prometheus: Prometheus, counter: CustomCounter, grid: Grid, now: float
    ) -> None:
        blocks = self._blocks.setdefault(counter, {})
        ledger = self._ledgers.get(counter)
        while (0 if ledger is None else ledger.block + 1) <= grid.closed_by(now):
            found = await read_custom(prometheus, counter, grid, ledger, now)
            blocks.update({block.index: block for block in found.blocks})
            ledger = self._ledgers[counter] = found.ledger


def _ratios(
    parts: tuple[CustomBlock | None, CustomBlock | None], versions: Versions
) -> Iterator[tuple[float, float]]:
    numerator, denominator = parts
    if numerator is None or denominator is None:
        return
    for version in versions:
        found = ratio(numerator, denominator, version)
        if isinstance(found, Ratio):
            yield found.numerator, found.denominator
