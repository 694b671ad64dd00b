"""Everything that /metrics shows."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from perennial.api.manifest import Manifest
from perennial.cluster.metrics import ClusterMetrics
from perennial.reconcile.metrics import LoopMetrics
from perennial.reconcile.queue import Queue


class Metrics:
    """All numbers of the process, in a registry of its own."""

    def __init__(self, queue: Queue) -> None:
        """Register every number."""
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self.registry.register(_QueueNumbers(queue))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.cluster = ClusterMetrics(self.registry)
        self.loop = LoopMetrics(self.registry)
        self.handler_errors = Counter(
            "perennial_watch_handler_errors",
            "Events of a watch that could not be taken in, by kind.",
            ("kind",),
            registry=self.registry,
        )
        self.event_lag = Histogram(
            "perennial_event_lag_seconds",
            "Time from a write, by its whole second, to its event here.",
            buckets=(0.5, 1.0, 2.0, 5.0, 15.0, 60.0),
            registry=self.registry,
        )
        self.heartbeat = Gauge(
            "perennial_heartbeat_timestamp_seconds",
            "When the event loop last turned.",
            registry=self.registry,
        )
        self.loop_lag = Gauge(
            "perennial_loop_lag_seconds",
            "How late the event loop was at its last heartbeat.",
            registry=self.registry,
        )

    def beat(self, late: float) -> None:
        """Note a turn of the event loop, and how late it was."""
        self.heartbeat.set_to_current_time()
        self.loop_lag.set(max(0.0, late))

    def arrived(self, manifest: Manifest) -> None:
        """Note how long an event took since the newest write to its object."""
        moments = [
            entry["time"]
            for entry in manifest["metadata"].get("managedFields") or ()
            if "time" in entry
        ]
        if moments:
            written = datetime.fromisoformat(max(moments))
            self.event_lag.observe(max(0.0, (datetime.now(UTC) - written).total_seconds()))


class _QueueNumbers:
    """The state of the queue at the moment somebody looks."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "perennial_workqueue_depth", "Objects that wait to be looked at.", self._queue.depth()
        )
        yield GaugeMetricFamily(
            "perennial_workqueue_longest_running_processor_seconds",
            "For how long the slowest worker has been at its object.",
            self._queue.longest_running(time.monotonic()),
        )
        yield CounterMetricFamily(
            "perennial_workqueue_retries", "Objects put back after a failure.", self._queue.retries
        )
