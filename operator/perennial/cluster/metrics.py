"""What is counted about talking to the API server."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ClusterMetrics:
    """Numbers about requests, writes that were not needed, and the lead."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every number, so that each is there from the start."""
        self.requests = Counter(
            "perennial_api_requests",
            "Requests to the API server, by verb (LEASE: about the lease) and by HTTP status "
            "code (0: no answer).",
            ("verb", "code"),
            registry=registry,
        )
        self.applies_skipped = Counter(
            "perennial_apply_skipped",
            "Applies that were not sent because the object was as wanted, by kind.",
            ("kind",),
            registry=registry,
        )
        self.leader = Gauge(
            "perennial_leader", "1 while this replica holds the lease, else 0.", registry=registry
        )
        self.lease_renewal = Gauge(
            "perennial_lease_renewal_seconds",
            "Time that the newest renewal of the lease took.",
            registry=registry,
        )
