"""Reads the closed blocks of a rollout: one query for the edges, one for samples after restarts."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from perennial.prometheus.answer import Series
from perennial.prometheus.custom import (
    CustomBlock,
    CustomCounter,
    CustomLedger,
    begin_custom,
    close_custom,
    custom_edges,
)
from perennial.prometheus.errors import ErrorKind, PrometheusError
from perennial.prometheus.grid import Grid
from perennial.prometheus.increments import Block, close
from perennial.prometheus.ledger import Ledger, Span, Window, begin, needed_samples
from perennial.prometheus.queries import (
    InstantQuery,
    RangeQuery,
    Scope,
    custom_values,
    edge_values,
    samples,
)
from perennial.prometheus.snapshots import Snapshot, snapshots

EDGES_AT_ONCE = 20
"""After a restart a long rollout is read in portions; in smaller ones if these are too much.

Where a scope has few families, such as requests alone for a day of history, more do at once.
"""
PODS_AT_ONCE = 10
"""Bounds one answer with raw samples."""


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


class CustomReading(NamedTuple):
    """The same of a tenant's counter."""

    ledger: CustomLedger | None
    blocks: tuple[CustomBlock, ...] = ()


async def read(
    prometheus: Prometheus,
    scope: Scope,
    window: Window,
    ledger: Ledger | None,
    now: float,
    edges_at_once: int = EDGES_AT_ONCE,
) -> Reading:
    """Return the next blocks that can be read at `now`, some of them where there are many.

    Without a ledger, reading begins with the grid. Raises PrometheusError; what was read until
    then is lost, and the same call with the same ledger reads it again.
    """
    first = 0 if ledger is None else ledger.block + 1
    last = min(window.grid.closed_by(now), first + edges_at_once - 1)
    if last < first:
        return Reading(ledger)
    blocks = []
    for edge in await _edges(prometheus, scope, window.grid, first, last):
        raw = await _samples(prometheus, scope, window.grid, ledger, edge)
        if ledger is None:
            ledger = begin(window, edge, raw)
        else:
            ledger, block = close(window, ledger, edge, raw)
            blocks.append(block)
        await asyncio.sleep(0)  # others have their turn
    return Reading(ledger, tuple(blocks))


async def _edges(
    prometheus: Prometheus, scope: Scope, grid: Grid, first: int, last: int
) -> tuple[Snapshot, ...]:
    """Return snapshots from edge `first` on: up to `last`, or fewer if these are too much."""
    try:
        answer = await prometheus.query_range(edge_values(scope, grid, first, last))
    except PrometheusError as error:
        if error.kind is not ErrorKind.TOO_MUCH or first == last:
            raise
        return await _edges(prometheus, scope, grid, first, (first + last) // 2)
    found = await asyncio.to_thread(snapshots, answer, scope.labels)
    return at_edges(grid, found, first, last)


async def read_custom(
    prometheus: Prometheus,
    counter: CustomCounter,
    grid: Grid,
    ledger: CustomLedger | None,
    now: float,
) -> CustomReading:
    """Return the next blocks of a tenant's counter; as `read`, at one query."""
    first = 0 if ledger is None else ledger.block + 1
    last = min(grid.closed_by(now), first + EDGES_AT_ONCE - 1)
    if last < first:
        return CustomReading(ledger)
    query = custom_values(counter.selector, counter.version_label, grid, first, last)
    answer = await prometheus.query_range(query)
    blocks = []
    for edge in custom_edges(answer, counter.version_label, grid, first, last):
        if ledger is None:
            ledger = begin_custom(edge)
        else:
            ledger, block = close_custom(grid, counter.version_label, ledger, edge)
            blocks.append(block)
    return CustomReading(ledger, tuple(blocks))


def at_edges(grid: Grid, found: Sequence[Snapshot], first: int, last: int) -> tuple[Snapshot, ...]:
    """Return a snapshot for each edge; empty where nothing was found."""
    known = {grid.nearest_edge(snapshot.time): snapshot for snapshot in found}
    return tuple(known.get(index, Snapshot(grid.edge(index))) for index in range(first, last + 1))


async def _samples(
    prometheus: Prometheus, scope: Scope, grid: Grid, ledger: Ledger | None, edge: Snapshot
) -> tuple[Snapshot, ...]:
    needed = needed_samples(grid, ledger, edge)
    found: list[Series] = []
    for pods in _portions(sorted(needed.pods)):
        found += await _samples_of(prometheus, scope, pods, needed)
    return await asyncio.to_thread(snapshots, found, scope.labels) if found else ()


async def _samples_of(
    prometheus: Prometheus, scope: Scope, pods: Sequence[str], needed: Span
) -> tuple[Series, ...]:
    """Return the raw samples of some pods, in smaller portions if they are too much at once."""
    try:
        return await prometheus.query(samples(scope, pods, needed.since, needed.until))
    except PrometheusError as error:
        if error.kind is not ErrorKind.TOO_MUCH or len(pods) == 1:
            raise
    half = len(pods) // 2
    first = await _samples_of(prometheus, scope, pods[:half], needed)
    return first + await _samples_of(prometheus, scope, pods[half:], needed)


def _portions(pods: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(pods), PODS_AT_ONCE):
        yield pods[first : first + PODS_AT_ONCE]
