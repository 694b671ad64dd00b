"""The families of a model server that evidence is computed from, with their own labels."""

from collections.abc import Mapping
from types import MappingProxyType

START = "perennial_process_start_time_seconds"
REQUESTS = "perennial_requests_total"
LATENCY = "perennial_request_seconds_bucket"
CLASSES = "perennial_class_total"
PREDICTIONS = "perennial_prediction_bin_total"
CONFIDENCES = "perennial_confidence_bin_total"
WORKER_DEATHS = "perennial_worker_deaths_total"
SCORE_EDGE = "perennial_score_edge"

COUNTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        REQUESTS: ("outcome", "code"),
        LATENCY: ("le",),
        CLASSES: ("class",),
        PREDICTIONS: ("bin",),
        CONFIDENCES: ("bin",),
        WORKER_DEATHS: (),
    }
)
"""Counters by name; the labels that tell their series apart within one process."""

GAUGES: Mapping[str, tuple[str, ...]] = MappingProxyType({START: (), SCORE_EDGE: ("score", "bin")})
"""When a process began to count, in seconds of 1970; the upper ends of score bins."""

OWN_LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType({**COUNTERS, **GAUGES})

IDENTITY = ("deployment", "revision")
"""Labels that the server writes on every series, and that evidence needs."""
