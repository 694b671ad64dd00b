"""Leader election with fencing: one replica holds the lease, judged by its own clock."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

from perennial.api.configuration import Lease
from perennial.api.manifest import Manifest
from perennial.cluster.api import Api
from perennial.cluster.errors import AlreadyExistsError, ApiError, ConflictError, NotFoundError
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.resources import RESOURCES

log = logging.getLogger(__name__)

FENCE: Final = 0.8
"""Share of the lease's duration after which the leader stops writing."""


class LeaseLostError(Exception):
    """Another replica leads, or the lease could not be renewed in time."""


class Leases(Protocol):
    """Reads and writes the lease."""

    async def read(self) -> Manifest | None:
        """Return the lease, or None if it does not exist."""

    async def create(self, lease: Manifest) -> Manifest:
        """Create the lease; raise AlreadyExistsError when it exists."""

    async def replace(self, lease: Manifest) -> Manifest:
        """Replace the lease; raise ConflictError when it has changed since it was read."""


class ApiLeases:
    """The lease as a Lease object of the API server."""

    def __init__(self, api: Api, settings: Lease) -> None:
        """Requests time out at half the renewal deadline, so that one can be repeated."""
        self._api = api
        self._seconds = settings.renew_seconds / 2
        self._folder = RESOURCES["Lease"].path(settings.namespace)
        self._path = RESOURCES["Lease"].path(settings.namespace, settings.name)

    async def read(self) -> Manifest | None:
        try:
            return await self._api.urgent("GET", self._path, seconds=self._seconds)
        except NotFoundError:
            return None

    async def create(self, lease: Manifest) -> Manifest:
        return await self._api.urgent("POST", self._folder, lease, seconds=self._seconds)

    async def replace(self, lease: Manifest) -> Manifest:
        return await self._api.urgent("PUT", self._path, lease, seconds=self._seconds)


class Elector:
    """Acquires and renews the lease for one replica."""

    def __init__(
        self,
        identity: str,
        settings: Lease,
        leases: Leases,
        metrics: ClusterMetrics,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._identity = identity
        self._settings = settings
        self._leases = leases
        self._metrics = metrics
        self._clock = clock
        self._now = now
        self._seen: object = None
        self._seen_at = 0.0
        self._renewed_at: float | None = None

    def holds_lease(self) -> bool:
        """Whether no other replica can lead yet; checked before every write."""
        if self._renewed_at is None:
            return False
        return self._clock() - self._renewed_at < FENCE * self._settings.duration_seconds

    async def acquire(self) -> None:
        """Wait until this replica holds the lease."""
        while not await self._tried():  # noqa: ASYNC110 - the lease is remote, no event to wait for
            await asyncio.sleep(self._settings.retry_seconds)
        self._metrics.leader.set(1)
        log.info("this replica leads", extra={"identity": self._identity})

    async def keep(self) -> None:
        """Renew for ever; raise LeaseLostError when another replica may hold the lease."""
        while True:
            await asyncio.sleep(self._settings.retry_seconds)
            if await self._tried():
                continue
            if self._clock() - (self._renewed_at or 0.0) > self._settings.renew_seconds:
                raise LeaseLostError("the lease could not be renewed in time")

    async def release(self) -> None:
        """Give up the lease, so that the next replica acquires it at once."""
        if self._renewed_at is None:
            return
        self._renewed_at = None
        lease = await self._leases.read()
        if lease is not None and lease["spec"].get("holderIdentity") == self._identity:
            spec = {**lease["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
            await self._leases.replace({**lease, "spec": spec})

    async def _tried(self) -> bool:
        """Try once to acquire or renew; a request without a response changes nothing."""
        started = self._clock()
        try:
            held = await self._take_or_renew()
        except (AlreadyExistsError, ConflictError):
            return False
        except ApiError as error:
            log.warning("the lease cannot be read or written", extra={"error": str(error)})
            return False
        if held:
            self._renewed_at = started
            self._metrics.lease_renewal.set(self._clock() - started)
        return held

    async def _take_or_renew(self) -> bool:
        lease = await self._leases.read()
        if lease is None:
            await self._leases.create(self._new())
            return True
        spec = lease["spec"]
        if self._renewed_at is not None and spec.get("holderIdentity") != self._identity:
            raise LeaseLostError(f"{spec.get('holderIdentity') or 'nobody'} leads")
        self._observe(lease)
        if self._held_by_another(spec):
            return False
        await self._leases.replace({**lease, "spec": self._claimed(spec)})
        return True

    def _observe(self, lease: Manifest) -> None:
        """Start the expiry at the local time of the last change, since clocks differ."""
        state = lease["metadata"]["resourceVersion"]
        if state != self._seen:
            self._seen, self._seen_at = state, self._clock()

    def _held_by_another(self, spec: Manifest) -> bool:
        if spec.get("holderIdentity") in ("", None, self._identity):
            return False
        silence = self._clock() - self._seen_at
        return silence < float(spec.get("leaseDurationSeconds") or 0)

    def _claimed(self, spec: Manifest) -> dict[str, Any]:
        moment = self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        claimed = {
            **spec,
            "holderIdentity": self._identity,
            "leaseDurationSeconds": self._settings.duration_seconds,
            "renewTime": moment,
        }
        if spec.get("holderIdentity") != self._identity:
            transitions = int(spec.get("leaseTransitions") or 0) + 1
            claimed.update(acquireTime=moment, leaseTransitions=transitions)
        return claimed

    def _new(self) -> Manifest:
        return {
            "apiVersion": RESOURCES["Lease"].api_version,
            "kind": "Lease",
            "metadata": {"name": self._settings.name, "namespace": self._settings.namespace},
            "spec": self._claimed({"leaseTransitions": -1}),
        }
