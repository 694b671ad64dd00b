"""What the process is made of, put together."""

import random
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kubernetes.aio.client.configuration import Configuration as Connection

from perennial.api.configuration import Configuration
from perennial.api.times import to_timedelta
from perennial.cluster.api import Api
from perennial.cluster.cache import Cache
from perennial.cluster.client import ApiCluster
from perennial.cluster.events import Events
from perennial.cluster.execute import Executor
from perennial.cluster.lease import ApiLeases, Elector
from perennial.cluster.rate_limiter import RateLimiter
from perennial.controller.health import Health
from perennial.controller.metrics import Metrics
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import AnyReconciler, Loop
from perennial.reconcile.queue import Queue
from perennial.reconcile.sweep import Sweep
from perennial.reconcile.worker import Worker

REQUESTS_PER_SECOND: Final = 200.0
REQUESTS_AT_ONCE: Final = 400
GATHERING: Final = 0.05

Build = Callable[[Configuration], AnyReconciler]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that outlives one request."""

    configuration: Configuration
    connection: Connection
    resync: float
    metrics: Metrics
    health: Health
    elector: Elector | None
    cluster: ApiCluster
    feed: Feed
    sweep: Sweep
    worker: Worker


def assemble(
    configuration: Configuration, connection: Connection, builds: Sequence[Build]
) -> Parts:
    """Return the parts, connected; nothing runs yet."""
    cache, queue = Cache(), Queue(random.random)
    metrics = Metrics(queue)
    limiter = RateLimiter(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE, time.monotonic)
    elector: Elector | None = None
    api = Api(
        connection,
        limiter,
        metrics.cluster,
        may_write=lambda: elector is None or elector.holds_lease(),
    )
    if configuration.lease.enabled:
        elector = _elector(configuration, api, metrics)
    cluster = ApiCluster(api, Events(api, now))
    reconcilers = {each.kind: each for each in (build(configuration) for build in builds)}
    refer = {kind: each.references for kind, each in reconcilers.items()}
    feed = Feed(cache, queue, refer, time.monotonic, GATHERING)
    executor = Executor(cluster, cache, feed.ingest, metrics.cluster)
    loop = Loop(reconcilers, cache, cluster, executor, now)
    namespaces = configuration.watch_namespaces
    sweep = Sweep(cluster, cache, feed, metrics.loop, namespaces, time.monotonic)
    resync = to_timedelta(configuration.pauses.resync).total_seconds()
    return Parts(
        configuration=configuration,
        connection=connection,
        resync=resync,
        metrics=metrics,
        health=Health(time.monotonic, resync, lambda: sweep.completed_at),
        elector=elector,
        cluster=cluster,
        feed=feed,
        sweep=sweep,
        worker=Worker(loop, queue, feed, metrics.loop, time.monotonic),
    )


def now() -> datetime:
    """Return the time of day; plans get it as a value."""
    return datetime.now(UTC)


def _elector(configuration: Configuration, api: Api, metrics: Metrics) -> Elector:
    settings = configuration.lease
    identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
    leases = ApiLeases(api, settings)
    return Elector(identity, settings, leases, metrics.cluster, time.monotonic, now)
