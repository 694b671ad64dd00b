"""What a running operator has used so far, by its own numbers and by those of the kernel."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from harness.operator_process import OperatorProcess
from harness.programs import HarnessError

WRITES = {"POST", "APPLY", "PATCH", "DELETE"}
READS = {"GET", "LIST"}


@dataclass(frozen=True)
class Usage:
    """Totals since the operator's start; open watches and the lease do not count."""

    at: float
    cpu: float
    writes: float
    reads: float
    looks: float
    events: float


def usage(operator: OperatorProcess) -> Usage:
    """Return what the operator has used so far."""
    samples = [
        sample
        for family in text_string_to_metric_families(operator.metrics())
        for sample in family.samples
    ]

    def total(name: str, verbs: set[str] | None = None) -> float:
        return sum(
            sample.value
            for sample in samples
            if sample.name == name and (verbs is None or sample.labels["verb"] in verbs)
        )

    return Usage(
        at=time.monotonic(),
        cpu=_cpu_seconds(operator),
        writes=total("perennial_api_requests_total", WRITES),
        reads=total("perennial_api_requests_total", READS),
        looks=total("perennial_reconcile_total"),
        events=total("perennial_event_lag_seconds_count"),
    )


def memory(operator: OperatorProcess) -> float:
    """Return the resident memory in MiB."""
    pages = int((_proc(operator) / "statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _cpu_seconds(operator: OperatorProcess) -> float:
    fields = (_proc(operator) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _proc(operator: OperatorProcess) -> Path:
    if operator.process is None or operator.process.poll() is not None:
        raise HarnessError(f"the operator has ended\n{operator.last_words()}")
    return Path(f"/proc/{operator.process.pid}")
