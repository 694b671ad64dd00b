"""Reads the closed blocks of a rollout: one query for the edges, one for each block with starts."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from perennial.prometheus.answer import Series
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import (
    Block,
    Ledger,
    Window,
    begin,
    close,
    pods_with_new_processes,
)
from perennial.prometheus.queries import (
    InstantQuery,
    RangeQuery,
    Scope,
    edge_values,
    samples_of_block,
)
from perennial.prometheus.snapshots import Snapshot, snapshots

BLOCKS_AT_ONCE = 20
"""Bounds one answer: after a restart a long rollout is read in portions."""


class Prometheus(Protocol):
    """A server that answers queries."""

    async def query(self, query: InstantQuery) -> tuple[Series, ...]:
        """Return a vector, or the samples that a range selector finds."""

    async def query_range(self, query: RangeQuery) -> tuple[Series, ...]:
        """Return the values of an expression at equal steps."""


class Reading(NamedTuple):
    """Blocks that have been closed, and the state to go on from."""

    ledger: Ledger | None
    blocks: tuple[Block, ...] = ()


async def read(
    prometheus: Prometheus, scope: Scope, window: Window, ledger: Ledger | None, now: float
) -> Reading:
    """Return the next blocks that can be read at `now`, at most BLOCKS_AT_ONCE of them.

    Without a ledger, reading begins with the grid. Raises PrometheusError; what was read until
    then is lost, and the same call with the same ledger reads it again.
    """
    first = 0 if ledger is None else ledger.block + 1
    last = min(window.grid.closed_by(now), first + BLOCKS_AT_ONCE)
    if last < first:
        return Reading(ledger)
    answer = await prometheus.query_range(edge_values(scope, window.grid, first, last))
    edges = at_edges(window.grid, snapshots(answer, scope.labels), first, last)
    if ledger is None:
        ledger, edges = begin(edges[0]), edges[1:]
    blocks = []
    for edge in edges:
        samples = await _samples(prometheus, scope, window.grid, ledger, edge)
        ledger, block = close(window, ledger, edge, samples)
        blocks.append(block)
    return Reading(ledger, tuple(blocks))


def at_edges(grid: Grid, found: Sequence[Snapshot], first: int, last: int) -> tuple[Snapshot, ...]:
    """Return a snapshot for each edge; empty where nothing was found."""
    known = {grid.index(snapshot.time): snapshot for snapshot in found}
    return tuple(known.get(index, Snapshot(grid.edge(index))) for index in range(first, last + 1))


async def _samples(
    prometheus: Prometheus, scope: Scope, grid: Grid, ledger: Ledger, edge: Snapshot
) -> tuple[Snapshot, ...]:
    pods = pods_with_new_processes(ledger, edge)
    if not pods:
        return ()
    query = samples_of_block(scope, grid, ledger.block + 1, pods)
    return snapshots(await prometheus.query(query), scope.labels)
