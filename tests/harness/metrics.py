"""What a process tells Prometheus, as numbers that a test can compare."""

from prometheus_client.parser import text_string_to_metric_families

WRITES = ("POST", "APPLY", "PATCH", "DELETE")
READS = ("GET", "LIST")
_REQUESTS = "perennial_api_requests_total"


def total(text: str, name: str, **labels: str) -> float:
    """Return a number, summed over all samples with these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def writes(text: str) -> float:
    """Return how many writes an operator has sent; those about the lease do not count."""
    return sum(total(text, _REQUESTS, verb=verb) for verb in WRITES)


def reads(text: str) -> float:
    """Return how much an operator has asked for; open watches and the lease do not count."""
    return sum(total(text, _REQUESTS, verb=verb) for verb in READS)
