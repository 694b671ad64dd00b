"""Metrics of reconciliation, named after those of controller-runtime."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class LoopMetrics:
    """Reconciliations, and comparisons of the cache with the API server."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every metric, so that each is exposed before its first event."""
        self.reconciles = Counter(
            "perennial_reconcile",
            "Reconciliations of one object, by kind and result.",
            ("kind", "result"),
            registry=registry,
        )
        self.errors = Counter(
            "perennial_reconcile_errors",
            "Reconciliations that failed, by kind.",
            ("kind",),
            registry=registry,
        )
        self.time = Histogram(
            "perennial_reconcile_time_seconds",
            "Duration of one reconciliation including its requests, by kind.",
            ("kind",),
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
            registry=registry,
        )
        self.relists = Counter(
            "perennial_relists",
            "Watches that started over with a new list, by kind.",
            ("kind",),
            registry=registry,
        )
        self.ghosts = Counter(
            "perennial_ghosts",
            "Objects still cached because the watch missed their deletion, by kind.",
            ("kind",),
            registry=registry,
        )
        self.sweep = Counter(
            "perennial_sweeps",
            "Comparisons of one kind's cache with the API server, by kind and result.",
            ("kind", "result"),
            registry=registry,
        )
