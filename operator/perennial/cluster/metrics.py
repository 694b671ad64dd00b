"""Metrics of the requests to the API server and of the lease."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ClusterMetrics:
    """Requests, applies that were not needed, and leadership."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every metric, so that each is exposed before its first event."""
        self.requests = Counter(
            "perennial_api_requests",
            "Requests to the API server, by verb (LEASE for requests about the lease) and by "
            "HTTP status code (0 without a response).",
            ("verb", "code"),
            registry=registry,
        )
        self.applies_skipped = Counter(
            "perennial_apply_skipped",
            "Applies not sent because the object already had the desired state, by kind.",
            ("kind",),
            registry=registry,
        )
        self.leader = Gauge(
            "perennial_leader",
            "1 while this replica holds the lease, otherwise 0.",
            registry=registry,
        )
        self.lease_renewal = Gauge(
            "perennial_lease_renewal_seconds",
            "Duration of the latest renewal of the lease.",
            registry=registry,
        )
