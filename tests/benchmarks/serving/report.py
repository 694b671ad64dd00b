"""The numbers in words: a table for people, a summary for programs, a page for the docs."""

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.serving.environments import PYTHON
from benchmarks.serving.measure import Result
from harness import programs

OURS, NOTHING = "Perennial", "nothing (uvloop, httptools)"
MLSERVER = "MLServer, parallel_workers=0"
TOGETHER, ALONE = "Perennial, tier Pipeline", "Perennial, tier Pipeline, one by one"
QUIET_NOOP_US, QUIET_CPU_US = 7, 40
TARGETS = {
    "cpu_over_noop": ("<=", 6),
    "ratio_mlserver_1row": (">=", 150),
    "ratio_mlserver_32rows": (">=", 30),
    "ratio_mlserver_v2_1row": (">=", 100),
    "ratio_mlserver_v2_32rows": (">=", 20),
    "ready_s": ("<=", 0.5),
    "fallback_throughput_ratio": (">=", 15),
    "max_diff": ("<=", 1e-9),
}


@dataclass(frozen=True)
class Measured:
    """Everything that one run found."""

    results: Sequence[Result]
    ready_s: float
    max_diff: float
    memory_mb: dict[str, float] = field(default_factory=dict)

    def of(self, server: str, kind: str) -> Result:
        """Return what a server did with a kind of request."""
        return next(each for each in self.results if (each.server, each.kind) == (server, kind))


def summary(measured: Measured) -> dict[str, float]:
    """Return the numbers that are to be compared with the targets."""
    cpu = {kind: measured.of(OURS, kind).cpu_us for kind in ("predict 1", "predict 32")}
    v2 = {kind: measured.of(OURS, kind).cpu_us for kind in ("v2 1", "v2 32")}
    peer = {kind: measured.of(MLSERVER, kind).cpu_us for kind in ("v2 1", "v2 32")}
    noop = measured.of(NOTHING, "predict 1").cpu_us
    together, alone = (measured.of(name, "predict 1").per_second for name in (TOGETHER, ALONE))
    return {
        "cpu_us_1row": round(cpu["predict 1"], 1),
        "noop_us": round(noop, 1),
        "cpu_over_noop": round(cpu["predict 1"] / noop, 2),
        "ratio_mlserver_1row": round(peer["v2 1"] / cpu["predict 1"], 1),
        "ratio_mlserver_32rows": round(peer["v2 32"] / cpu["predict 32"], 1),
        "ratio_mlserver_v2_1row": round(peer["v2 1"] / v2["v2 1"], 1),
        "ratio_mlserver_v2_32rows": round(peer["v2 32"] / v2["v2 32"], 1),
        "ready_s": round(measured.ready_s, 3),
        "fallback_throughput_ratio": round(together / alone, 1),
        "max_diff": measured.max_diff,
    }


def missed(found: dict[str, float]) -> Iterator[str]:
    """Yield the targets that were not reached."""
    for name, (sign, target) in TARGETS.items():
        reached = found[name] <= target if sign == "<=" else found[name] >= target
        if not reached:
            yield f"{name} is {found[name]:g}, wanted {sign} {target:g}"
    if found["noop_us"] <= QUIET_NOOP_US and found["cpu_us_1row"] > QUIET_CPU_US:
        yield f"cpu_us_1row is {found['cpu_us_1row']:g}, wanted <= {QUIET_CPU_US}"


def table(measured: Measured) -> str:
    """Return every result, and how many times dearer than ours each request was."""
    head = (
        "| server | request | CPU us/request | to ours | requests/s | p50 ms | p99 ms | MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    )
    return "\n".join([*head, *(_line(measured, each) for each in measured.results)])


def _line(measured: Measured, result: Result) -> str:
    times = result.cpu_us / measured.of(OURS, result.kind).cpu_us
    memory = measured.memory_mb.get(result.server)
    cells = (
        result.server,
        result.kind,
        f"{result.cpu_us:,.1f}",
        f"{times:.1f}x",
        f"{result.per_second:,.0f}",
        f"{result.p50_ms:.2f}",
        f"{result.p99_ms:.2f}",
        "" if memory is None else f"{memory:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def page(measured: Measured, introduction: str) -> str:
    """Return the page of the docs: where and when this was measured, and what came out."""
    machine = f"{_processor()}, {platform.system()} {platform.release().partition('-')[0]}"
    python = programs.run([PYTHON, "--version"]).strip()
    when = datetime.now(UTC).date().isoformat()
    found = summary(measured)
    lines = [f"| `{name}` | {value:g} | {_target(name)} |" for name, value in found.items()]
    return "\n".join(
        [
            introduction,
            f"Measured on {when}: {machine}, {python} of the system.",
            "",
            "| | measured | target |",
            "|---|---:|---:|",
            *lines,
            "",
            table(measured),
            "",
        ]
    )


def _target(name: str) -> str:
    if name == "cpu_us_1row":
        return f"<= {QUIET_CPU_US} where `noop_us` <= {QUIET_NOOP_US}"
    sign, value = TARGETS.get(name, ("", 0))
    return f"{sign} {value:g}" if sign else ""


def _processor() -> str:
    described = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in described if line.startswith("model name"))
    return next(names, platform.machine())


def last_line(measured: Measured) -> str:
    """Return the summary as one line of JSON."""
    return json.dumps({"summary": summary(measured)})
