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
from perennial.cluster.cache import Store
from perennial.cluster.client import ApiCluster, Cluster
from perennial.cluster.events import Events
from perennial.cluster.execute import Executor
from perennial.cluster.lease import ApiLeases, Elector
from perennial.cluster.rate_limiter import Pace
from perennial.controller.health import Health
from perennial.controller.metrics import Measures
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import AnyReconciler, Loop
from perennial.reconcile.queue import Queue
from perennial.reconcile.sweep import Sweep
from perennial.reconcile.worker import Worker

REQUESTS_PER_SECOND: Final = 200.0
REQUESTS_AT_ONCE: Final = 400
GATHERING: Final = 0.05

Build = Callable[[Configuration, Store, Cluster], Sequence[AnyReconciler]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that outlives one request."""

    configuration: Configuration
    connection: Connection
    resync: float
    measures: Measures
    health: Health
    elector: Elector | None
    cluster: ApiCluster
    feed: Feed
    sweep: Sweep
    worker: Worker


def assemble(configuration: Configuration, connection: Connection, build: Build) -> Parts:
    """Return the parts, connected; nothing runs yet."""
    store, queue = Store(), Queue(random.random)
    measures = Measures(queue)
    pace = Pace(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE, time.monotonic)
    elector: Elector | None = None
    api = Api(
        connection,
        pace,
        measures.cluster,
        may_write=lambda: elector is None or elector.valid(),
    )
    if configuration.lease.enabled:
        elector = _elector(configuration, api, measures)
    cluster = ApiCluster(api, Events(api, now))
    reconcilers = {each.kind: each for each in build(configuration, store, cluster)}
    feed = Feed(store, queue, reconcilers, time.monotonic, GATHERING)
    executor = Executor(cluster, store, feed.learned, measures.cluster)
    loop = Loop(reconcilers, store, executor, now)
    namespaces = configuration.watch_namespaces
    sweep = Sweep(cluster, store, feed, measures.loop, namespaces, time.monotonic)
    resync = to_timedelta(configuration.pauses.resync).total_seconds()
    return Parts(
        configuration=configuration,
        connection=connection,
        resync=resync,
        measures=measures,
        health=Health(time.monotonic, resync, lambda: sweep.completed_at),
        elector=elector,
        cluster=cluster,
        feed=feed,
        sweep=sweep,
        worker=Worker(loop, queue, feed, measures.loop, time.monotonic),
    )


def now() -> datetime:
    """Return the time of day; plans get it as a value."""
    return datetime.now(UTC)


def _elector(configuration: Configuration, api: Api, measures: Measures) -> Elector:
    settings = configuration.lease
    identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
    leases = ApiLeases(api, settings)
    return Elector(identity, settings, leases, measures.cluster, time.monotonic, now)
