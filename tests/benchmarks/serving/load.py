"""Load from one core on a server that is held to another, and what an answer cost it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import programs
from harness.local import packages
from harness.paths import HARNESS

SERVER_CORE, CLIENT_CORE = 0, 1
SCRIPT = HARNESS.parent / "benchmarks/serving/post.lua"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Burst:
    """What one server did under load for a while."""

    requests: int
    seconds: float
    cpu_us: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Return how many requests were answered each second."""
        return self.requests / self.seconds


def ensure() -> None:
    """Have the load generator."""
    packages.ensure({"wrk": "wrk"})
    if len(os.sched_getaffinity(0)) <= CLIENT_CORE or not shutil.which("taskset"):
        raise programs.HarnessError("the benchmark needs two cores and the program taskset")


def burst(pid: int, url: str, bodies: Path, connections: int, seconds: int) -> Burst:
    """Post these bodies in turn on connections that are kept, and see what it costs the server."""
    before = cpu_seconds(pid)
    told = _wrk(url, bodies, connections, seconds)
    spent = cpu_seconds(pid) - before
    if told["wrong"] or not told["requests"]:
        raise programs.HarnessError(f"requests to {url} failed: {told}")
    return Burst(
        requests=told["requests"],
        seconds=told["microseconds"] / 1e6,
        cpu_us=spent / told["requests"] * 1e6,
        p50_ms=told["p50"] / 1e3,
        p99_ms=told["p99"] / 1e3,
    )


def _wrk(url: str, bodies: Path, connections: int, seconds: int) -> dict[str, int]:
    words = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{connections}"]
    words += [f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT), url]
    done = subprocess.run(
        words,
        env={**os.environ, "BODIES": str(bodies)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process with all that descend from it, dead or alive."""
    return sum(_own_and_of_the_dead(each) for each in family(pid)) / _TICK


def family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in programs.read_or_empty(children).split():
            yield from family(int(child))


def _own_and_of_the_dead(pid: int) -> int:
    fields = programs.read_or_empty(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) if fields else 0


def memory_mb(pid: int) -> float:
    """Return the memory of a process and its descendants; what they share counts once."""
    lines = [
        line
        for each in family(pid)
        for line in programs.read_or_empty(Path(f"/proc/{each}/smaps_rollup")).splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"Pss:")) / 1024
