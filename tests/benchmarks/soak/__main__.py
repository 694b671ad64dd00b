"""A server under steady load: its memory stays what it is, every request is counted, exactly.

The real server is asked at half of its capacity on kept connections, by rows and by tensors,
rightly and wrongly, with labels for some of the predictions, while it is scraped again and again.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import uvloop
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.serving import load
from benchmarks.soak import accounts, memory, traffic
from benchmarks.soak.accounts import Account
from benchmarks.soak.labels import Labels
from benchmarks.soak.lines import Lines, LoadError
from builders.artifact import artifact
from doubles.server_process import ServerProcess, server_process
from harness import progress

# less than a byte a request: one step of the allocator in five minutes, 132 KiB, stays below it
MOST_KIB_PER_MINUTE = 64.0
SCRAPE_SECONDS = 5
COUNTED_WITHIN = 0.6  # rings are counted every quarter of a second
CAPACITY_SECONDS = 6
TRAINING_ROWS = 5_000
WARMING = 3  # times that each worker has every size of request before the clock starts


@dataclass
class Run:
    """What was seen."""

    capacity: float = 0.0
    """Requests a second."""
    steady: float = 0.0
    cpu_us: float = 0.0
    """Processor time of the server for a request of the steady load."""
    caller_us: float = 0.0
    """The same of this process."""
    samples: list[memory.Sample] = field(default_factory=list)
    scrapes: list[Account] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sent: Account = field(default_factory=Account)


def main() -> int:
    """Run, say how it goes, and end with one line of JSON."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="perennial-soak-") as temporary:
        folder = Path(temporary)
        with progress.step("train and compile"):
            model = HistGradientBoostingClassifier(random_state=0)
            built = artifact(folder / "model", model, rows=TRAINING_ROWS)
        environment = {
            "PERENNIAL_MODEL": str(built.folder),
            "PERENNIAL_ARTIFACT_DIGEST": built.digest,
            "PERENNIAL_WORKERS": str(options.workers),
        }
        with server_process("serve", folder, environment) as server:
            server.until_ready()
            try:
                run = uvloop.run(_Soak(server, options).run())
            except LoadError as error:
                print(json.dumps({"summary": {"failures": [str(error)]}}))
                return 1
    print(json.dumps({"summary": _summary(run, options)}))
    return 1 if run.failures else 0


class _Soak:
    def __init__(self, server: ServerProcess, options: argparse.Namespace) -> None:
        self._server, self._options = server, options
        self._run = Run()
        self._mix: tuple[traffic.PlannedRequest, ...] = ()
        self._lines = Lines(self._endless())
        self._labels = Labels(self._lines.urgent)
        self._mix = traffic.mixed(self._labels.collect)
        self._warming = tuple(traffic.of_every_size(self._labels.collect))

    def _endless(self) -> Iterator[traffic.PlannedRequest]:
        yield from cycle(self._mix)

    async def run(self) -> Run:
        run = self._run
        await self._lines.connect(self._server.port, self._options.connections)
        await self._load()
        await self._check_counts()
        self._lines.close()
        run.failures += _growth(run)
        for failure in run.failures:
            print(f"failed: {failure}")
        return run

    async def _load(self) -> None:
        run, pid = self._run, self._server.process.pid
        with progress.step("fill the tables and caches that fill once"):
            for _ in range(WARMING * self._options.workers):
                self._lines.urgent.extend(self._warming)
                await self._lines.send_urgent()
        with progress.step("measure the capacity") as step:
            run.capacity = await self._lines.at_full_speed(CAPACITY_SECONDS)
            step.detail = f"{run.capacity:.0f} requests/s"
        watching = asyncio.create_task(self._watch())
        try:
            await self._steadily(pid)
        finally:
            watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await self._lines.send_urgent()

    async def _steadily(self, pid: int) -> None:
        run, seconds = self._run, self._options.seconds
        before, cpu, own = self._lines.answered, load.cpu_seconds(pid), time.process_time()
        await self._lines.steady(run.capacity / 2, seconds)
        requests = self._lines.answered - before
        run.steady = requests / seconds
        run.cpu_us = (load.cpu_seconds(pid) - cpu) / requests * 1e6
        run.caller_us = (time.process_time() - own) / requests * 1e6

    async def _watch(self) -> None:
        began = time.monotonic()
        for second in range(self._options.seconds):
            await asyncio.sleep(max(0.0, began + second - time.monotonic()))
            at = time.monotonic() - began
            sample = await asyncio.to_thread(memory.sample, self._server.process.pid, at)
            self._run.samples.append(sample)
            if second % SCRAPE_SECONDS == 0:
                await self._scrape()
            if second % self._options.news == 0:
                self._tell(sample)

    async def _scrape(self) -> None:
        """Scrape as Prometheus does; counts never fall, nor run ahead of what was sent."""
        text = await asyncio.to_thread(self._server.text, "/metrics")
        account = accounts.counted(text)
        if self._run.scrapes and account.falls_behind(self._run.scrapes[-1]):
            self._lines.wrong.append("a count fell between two scrapes")
        if sum(account.requests.values()) > self._lines.sent:
            self._lines.wrong.append("more requests were counted than sent")
        self._run.scrapes.append(account)

    def _tell(self, sample: memory.Sample) -> None:
        own, pss = sample.own_kib / 1024, sample.pss_kib / 1024
        print(
            f"{sample.at:7.1f} s  {self._lines.answered:9d} answered"
            f"  own memory {own:7.2f} MiB, PSS {pss:7.2f} MiB",
            flush=True,
        )

    async def _check_counts(self) -> None:
        await asyncio.sleep(COUNTED_WITHIN)
        await self._scrape()
        self._run.sent = accounts.sent((*self._mix, *self._warming), self._labels.outcomes)
        self._run.failures += accounts.differences(self._run.sent, self._run.scrapes[-1])


def _growth(run: Run) -> Iterator[str]:
    slope = memory.slope(run.samples)
    if not slope.kib_per_minute + 2 * slope.error <= MOST_KIB_PER_MINUTE:  # nor may it be NaN
        yield (
            f"memory grows by {slope.kib_per_minute:.1f} +- {slope.error:.1f} KiB a minute, "
            f"which is not surely below {MOST_KIB_PER_MINUTE:.0f}"
        )


def _summary(run: Run, options: argparse.Namespace) -> dict[str, object]:
    slope, last = memory.slope(run.samples), run.samples[-1]
    return {
        "seconds": options.seconds,
        "workers": options.workers,
        "capacity_per_s": round(run.capacity),
        "asked_per_s": round(run.steady),
        "server_cpu_us": round(run.cpu_us, 1),
        "caller_cpu_us": round(run.caller_us, 1),
        "requests": run.sent.requests.total(),
        "refused": sum(n for (outcome, _), n in run.sent.requests.items() if outcome == "refused"),
        "rows": run.sent.answered_rows,
        "labels": run.sent.labels.total(),
        "scrapes": len(run.scrapes),
        "own_memory_mib": round(last.own_kib / 1024, 2),
        "pss_mib": round(last.pss_kib / 1024, 2),
        "slope_kib_per_min": round(slope.kib_per_minute, 2),
        "slope_error_kib_per_min": round(slope.error, 2),
        "limit_kib_per_min": MOST_KIB_PER_MINUTE,
        "failures": run.failures,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="of steady load")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--news", type=int, default=30, help="seconds between lines of progress")
    return parser


if __name__ == "__main__":
    sys.exit(main())
