"""Assembles the parts of the process."""

import random
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kubernetes.aio.client.configuration import Configuration as Connection

from perennial.api.configuration import Configuration
from perennial.api.times import to_timedelta
from perennial.cluster.admission import ApiAdmission
from perennial.cluster.api import Api
from perennial.cluster.cache import Cache
from perennial.cluster.client import ApiCluster
from perennial.cluster.discovery import ApiDiscovery
from perennial.cluster.events import Events
from perennial.cluster.execute import Executor
from perennial.cluster.lease import ApiLeases, Elector
from perennial.cluster.rate_limiter import RateLimiter
from perennial.controller.health import Health
from perennial.controller.metrics import Metrics
from perennial.controller.reconcilers import Build, Clients
from perennial.controller.rollout_metrics import RolloutCollector
from perennial.observing.rollout_evidence import NoEvidence, RolloutEvidence
from perennial.prometheus.client import PrometheusClient, Server
from perennial.prometheus.queries import SeriesLabels
from perennial.reconcile.feed import Feed
from perennial.reconcile.loop import Loop
from perennial.reconcile.queue import Queue
from perennial.reconcile.resync import Resync
from perennial.reconcile.sweep import Sweep
from perennial.reconcile.worker import Worker
from perennial.servers.client import HttpModelServers

REQUESTS_PER_SECOND: Final = 200.0
REQUESTS_AT_ONCE: Final = 400
QUERIES_AT_ONCE: Final = 20
GATHERING: Final = 0.05
"""Seconds for which changes of children are gathered before their owner is reconciled."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that lives as long as the process."""

    configuration: Configuration
    connection: Connection
    metrics: Metrics
    health: Health
    elector: Elector | None
    cluster: ApiCluster
    servers: HttpModelServers
    evidence: RolloutEvidence | NoEvidence
    prometheus: PrometheusClient | None
    feed: Feed
    resync: Resync
    worker: Worker

    async def close(self) -> None:
        """Close all connections."""
        await self.evidence.close()
        await self.cluster.close()
        await self.servers.close()
        if self.prometheus:
            await self.prometheus.close()


def assemble(configuration: Configuration, connection: Connection, build: Build) -> Parts:
    """Return the parts, connected to each other; nothing runs yet."""
    cache, queue = Cache(), Queue(random.random)
    metrics = Metrics(queue)
    metrics.registry.register(RolloutCollector(cache))
    elector: Elector | None = None
    api = Api(
        connection,
        RateLimiter(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE, time.monotonic),
        metrics.cluster,
        may_write=lambda: elector is None or elector.holds_lease(),
    )
    if configuration.lease.enabled:
        elector = _elector(configuration, api, metrics)
    cluster, servers = ApiCluster(api, Events(api, now)), HttpModelServers()
    prometheus = _prometheus(configuration)
    evidence = _evidence(configuration, prometheus, queue)
    clients = Clients(cluster, cluster, ApiAdmission(api), servers, evidence)
    reconcilers = {each.kind: each for each in build(configuration, cache, clients)}
    feed = Feed(cache, queue, reconcilers, time.monotonic, GATHERING)
    executor = Executor(cluster, cache, feed.ingest, metrics.cluster)
    loop = Loop(reconcilers, cache, executor, now, evidence.follow)
    sweep = Sweep(cluster, cache, feed, metrics.loop, configuration.watch_namespaces)
    resync = _resync(configuration, api, sweep, feed)
    return Parts(
        configuration=configuration,
        connection=connection,
        metrics=metrics,
        health=Health(time.monotonic, resync.overdue),
        elector=elector,
        cluster=cluster,
        servers=servers,
        evidence=evidence,
        prometheus=prometheus,
        feed=feed,
        resync=resync,
        worker=Worker(loop, queue, feed, metrics.loop, time.monotonic),
    )


def now() -> datetime:
    """Return the current time; plans get it as a value."""
    return datetime.now(UTC)


def _prometheus(configuration: Configuration) -> PrometheusClient | None:
    server = configuration.prometheus.default
    if server is None:
        return None
    most = configuration.limits.queries_per_minute
    limiter = RateLimiter(most / 60, min(most, QUERIES_AT_ONCE), time.monotonic)
    token_file = Path(server.token_file) if server.token_file else None
    return PrometheusClient(Server(server.url, token_file), limiter.acquire)


def _evidence(
    configuration: Configuration, prometheus: PrometheusClient | None, queue: Queue
) -> RolloutEvidence | NoEvidence:
    server = configuration.prometheus.default
    if prometheus is None or server is None:
        return NoEvidence()
    labels = SeriesLabels(server.labels.namespace, server.labels.pod)
    return RolloutEvidence(prometheus, labels, queue.add, now)


def _elector(configuration: Configuration, api: Api, metrics: Metrics) -> Elector:
    settings = configuration.lease
    identity = f"{socket.gethostname()}_{uuid.uuid4().hex[:8]}"
    leases = ApiLeases(api, settings)
    return Elector(identity, settings, leases, metrics.cluster, time.monotonic, now)


def _resync(configuration: Configuration, api: Api, sweep: Sweep, feed: Feed) -> Resync:
    period = to_timedelta(configuration.pauses.resync).total_seconds()
    return Resync(ApiDiscovery(api), sweep, feed, time.monotonic, period)
