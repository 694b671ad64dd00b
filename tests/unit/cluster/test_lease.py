import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from doubles.operator_parts import NOON
from perennial.api.configuration import Lease
from perennial.cluster.errors import AlreadyExistsError, ConflictError, TransientError
from perennial.cluster.lease import Elector, LeaseLostError
from perennial.cluster.metrics import ClusterMetrics

SETTINGS = Lease(duration_seconds=15, renew_seconds=10, retry_seconds=2)


class MemoryLeases:
    """A lease in memory, with the API server's optimistic lock."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.away = False
        self.version = 0

    def _answer(self) -> None:
        if self.away:
            raise TransientError("no answer")

    async def read(self):
        self._answer()
        return self.lease

    async def create(self, lease):
        self._answer()
        if self.lease is not None:
            raise AlreadyExistsError("there is one")
        return self._write(lease)

    async def replace(self, lease):
        self._answer()
        if lease["metadata"]["resourceVersion"] != self.lease["metadata"]["resourceVersion"]:
            raise ConflictError("changed")
        return self._write(lease)

    def _write(self, lease):
        self.version += 1
        metadata = {**lease["metadata"], "resourceVersion": str(self.version)}
        self.lease = {**lease, "metadata": metadata}
        return self.lease


@dataclass
class Replica:
    elector: Elector
    clock: list[float]

    async def tries(self) -> bool:
        return await self.elector._tried()


def replica(leases, name, at=1000.0):
    clock = [at]
    metrics = ClusterMetrics(CollectorRegistry())
    elector = Elector(name, SETTINGS, leases, metrics, lambda: clock[0], lambda: NOON)
    return Replica(elector, clock)


@pytest.fixture
def leases():
    return MemoryLeases()


async def test_the_first_replica_leads_and_the_second_waits(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    assert await one.tries()
    assert not await two.tries()
    assert one.elector.holds_lease()
    assert not two.elector.holds_lease()
    assert leases.lease["spec"]["holderIdentity"] == "one"


async def test_expiry_is_judged_by_the_local_clock(leases):
    one, two = replica(leases, "one"), replica(leases, "two", at=5.0)
    await one.tries()
    assert not await two.tries()
    two.clock[0] += 14.9
    assert not await two.tries()
    two.clock[0] += 0.2
    assert await two.tries()
    assert leases.lease["spec"]["leaseTransitions"] == 1


async def test_a_renewal_restarts_the_expiry(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    await one.tries()
    await two.tries()
    two.clock[0] += 10
    await one.tries()
    await two.tries()
    two.clock[0] += 10
    assert not await two.tries()


async def test_a_leader_stops_writing_before_its_lease_can_be_acquired(leases):
    one = replica(leases, "one")
    await one.tries()
    one.clock[0] += 11.9
    assert one.elector.holds_lease()
    one.clock[0] += 0.2
    assert not one.elector.holds_lease()


async def test_a_leader_that_was_replaced_has_lost_its_lease(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    await one.tries()
    await two.tries()
    two.clock[0] += 16
    await two.tries()
    with pytest.raises(LeaseLostError, match="two leads"):
        await one.tries()


async def test_a_leader_whose_lease_was_released_by_its_successor_has_lost_it(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    await one.tries()
    await two.tries()
    two.clock[0] += 16
    await two.tries()
    await two.elector.release()
    with pytest.raises(LeaseLostError):
        await one.tries()


async def test_a_released_lease_is_taken_at_once(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    await one.tries()
    await two.tries()
    await one.elector.release()
    assert not one.elector.holds_lease()
    assert await two.tries()


async def test_a_request_without_a_response_changes_nothing(leases):
    one = replica(leases, "one")
    await one.tries()
    leases.away = True
    assert not await one.tries()
    assert one.elector.holds_lease()
    leases.away = False
    assert await one.tries()


async def test_only_one_of_two_can_take_the_same_lease(leases):
    one, two = replica(leases, "one"), replica(leases, "two")
    await one.tries()
    await one.elector.release()
    stale = leases.lease
    assert await two.tries()
    with pytest.raises(ConflictError):
        await leases.replace({**stale, "spec": {**stale["spec"], "holderIdentity": "three"}})


async def test_acquire_returns_when_this_replica_leads(leases):
    one = replica(leases, "one")
    await asyncio.wait_for(one.elector.acquire(), timeout=1)
    assert one.elector.holds_lease()


async def test_a_standby_has_nothing_to_release(leases):
    await replica(leases, "one").elector.release()
    assert leases.lease is None
