"""All metrics that /metrics exposes."""

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
    """The metrics of the process, in a registry of their own."""

    def __init__(self, queue: Queue) -> None:
        """Register every metric; the queue is read at each scrape."""
        disable_created_metrics()
        self.registry = CollectorRegistry()
        self.registry.register(_QueueCollector(queue))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.cluster = ClusterMetrics(self.registry)
        self.loop = LoopMetrics(self.registry)
        self.handler_errors = Counter(
            "perennial_watch_handler_errors",
            "Watch events that could not be handled, by kind.",
            ("kind",),
            registry=self.registry,
        )
        self.event_lag = Histogram(
            "perennial_event_lag_seconds",
            "Time from a write to its watch event; writes carry whole seconds.",
            buckets=(0.5, 1.0, 2.0, 5.0, 15.0, 60.0),
            registry=self.registry,
        )
        self.heartbeat = Gauge(
            "perennial_heartbeat_timestamp_seconds",
            "Time of the latest heartbeat of the event loop, in seconds since the epoch.",
            registry=self.registry,
        )
        self.loop_lag = Gauge(
            "perennial_loop_lag_seconds",
            "Delay of the event loop at its latest heartbeat.",
            registry=self.registry,
        )

    def beat(self, late: float) -> None:
        """Record a heartbeat of the event loop, `late` seconds after it was due."""
        self.heartbeat.set_to_current_time()
        self.loop_lag.set(max(0.0, late))

    def record_lag(self, manifest: Manifest) -> None:
        """Record the time from the latest write to an object until its event arrived."""
        moments = [
            entry["time"]
            for entry in manifest["metadata"].get("managedFields") or ()
            if "time" in entry
        ]
        if moments:
            written = datetime.fromisoformat(max(moments))
            self.event_lag.observe(max(0.0, (datetime.now(UTC) - written).total_seconds()))


class _QueueCollector:
    """The state of the queue at the time of a scrape."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "perennial_workqueue_depth", "Objects waiting to be reconciled.", self._queue.depth()
        )
        yield GaugeMetricFamily(
            "perennial_workqueue_longest_running_processor_seconds",
            "Duration of the longest reconciliation in progress.",
            self._queue.longest_running(time.monotonic()),
        )
        yield CounterMetricFamily(
            "perennial_workqueue_retries", "Objects requeued after a failure.", self._queue.retries
        )
