"""What a running operator has used so far, by its own numbers and by those of the kernel."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from harness import metrics
from harness.operator_process import OperatorProcess
from harness.programs import HarnessError


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
    told = operator.metrics()
    return Usage(
        at=time.monotonic(),
        cpu=_cpu_seconds(operator),
        writes=metrics.writes(told),
        reads=metrics.reads(told),
        looks=metrics.total(told, "perennial_reconcile_total"),
        events=metrics.total(told, "perennial_event_lag_seconds_count"),
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
