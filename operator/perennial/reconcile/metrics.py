"""What is counted about reconciling; names as controller-runtime has them."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class LoopMetrics:
    """Numbers about the loop, the queue and the sweep."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every number, so that each is there from the start."""
        self.reconciles = Counter(
            "perennial_reconcile",
            "Looks at one object, by kind and by result.",
            ("kind", "result"),
            registry=registry,
        )
        self.errors = Counter(
            "perennial_reconcile_errors",
            "Looks at one object that failed, by kind.",
            ("kind",),
            registry=registry,
        )
        self.time = Histogram(
            "perennial_reconcile_time_seconds",
            "Time of one look at one object, requests included, by kind.",
            ("kind",),
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
            registry=registry,
        )
        self.relists = Counter(
            "perennial_relists",
            "Listings that a watch had to begin anew with, by kind.",
            ("kind",),
            registry=registry,
        )
        self.ghosts = Counter(
            "perennial_ghosts",
            "Objects that were gone without a word from the watch, by kind.",
            ("kind",),
            registry=registry,
        )
        self.sweep = Counter(
            "perennial_sweeps",
            "Comparisons of one kind with the API server, by kind and by result.",
            ("kind", "result"),
            registry=registry,
        )
