"""Questions to the Prometheus of the cluster."""

import httpx

ADDRESS = "http://10.96.0.90:9090"  # the Service in prometheus.yaml


def value(query: str) -> float | None:
    """Return the first sample of an instant query, nothing when there is none."""
    answer = httpx.get(
        f"{ADDRESS}/api/v1/query", params={"query": query}, timeout=10, trust_env=False
    )
    found = answer.raise_for_status().json()["data"]["result"]
    return float(found[0]["value"][1]) if found else None
