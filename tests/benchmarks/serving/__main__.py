"""How dear a served answer is, beside other servers with the same model on the same core."""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.serving import environments, load, measure, model, report, servers
from benchmarks.serving.measure import Plan
from benchmarks.serving.model import Learned
from benchmarks.serving.report import ALONE, OURS, TOGETHER, Measured
from benchmarks.serving.servers import Running
from harness import progress
from harness.paths import ROOT
from harness.programs import HarnessError

PAGE = ROOT / "docs/reference/serving-benchmark.md"
MANY = 64
INTRODUCTION = """\
# Cost of a prediction

`make bench-serving` installs every server below in its own environment with the same pipeline
(flights: scaler, one-hot encoding, histogram gradient boosting with 100 trees). Each server is
pinned to one core and receives its requests from another core: different rows, with the headers
that a service mesh adds, on 16 keep-alive connections unless a line states otherwise.
**CPU us/request** is the CPU time of the server's whole process tree for one request. It depends
little on other work on the machine, unlike requests/s, p50 and p99. Perennial's counters are
enabled. The lines "our compiled model in ..." run the same compiled model in another server and so
compare only the frameworks. MB is the memory after the load.

Perennial processes concurrent requests together, so a request is most expensive on a single
connection. There, every server has to wake up for each request, even the server that does nothing.

"""


def main() -> int:
    """Measure, print the table, and end with one line of JSON."""
    options = _parser().parse_args()
    try:
        measured = _measured(options)
    except HarnessError as error:
        progress.console.print(f"bench-serving: {error}", style="red", markup=False)
        return 1
    print(report.table(measured), "", sep="\n")
    failures = list(report.missed(report.summary(measured)))
    print(*(f"missed: {failure}" for failure in failures), sep="\n")
    if options.write:
        PAGE.write_text(report.page(measured, INTRODUCTION))
    print(report.last_line(measured))
    return 1 if failures else 0


def _measured(options: argparse.Namespace) -> Measured:
    load.ensure()
    for environment in environments.ALL:
        environment.ensure(anew=not options.quick)
    with tempfile.TemporaryDirectory(prefix="perennial-benchmark-") as temporary:
        folder = Path(temporary)
        learned = model.learn(folder)
        return _compare(learned, folder, Plan(options.rounds, options.seconds, 16))


def _compare(learned: Learned, folder: Path, plan: Plan) -> Measured:
    files = measure.written(learned, folder / "bodies")
    own = servers.ours(OURS, learned.artifact)
    with progress.step("start ours again and again"):
        ready = measure.ready_seconds(own, folder)
    compared = [servers.nothing(), own, *servers.peers(learned, folder)]
    compared += servers.compiled_peers(learned, folder)
    with measure.all_running(compared, folder) as started:
        measure.check_alike(started[1:], files)
        difference = measure.largest_difference(started[1], learned)
        results = measure.in_turns(started, files, plan, measure.KINDS)
        results += _on_one_connection(started[:2], files, plan)
        memory = {each.server.name: load.memory_mb(each.pid) for each in started}
    return Measured([*results, *_fallback(learned, folder, plan)], ready, difference, memory)


def _on_one_connection(
    started: Sequence[Running], files: Mapping[str, Path], plan: Plan
) -> list[measure.Result]:
    results = measure.in_turns(started, files, replace(plan, connections=1), ["predict 1"])
    return [replace(each, server=f"{each.server}, one connection") for each in results]


def _fallback(learned: Learned, folder: Path, plan: Plan) -> list[measure.Result]:
    """Return what answering together brings where scikit-learn has to answer."""
    slow = model.whole_pipeline(learned.artifact, folder / "pipeline")
    single = (str(servers.PEERS / "one_by_one.py"),)
    pair = [
        servers.ours(TOGETHER, slow, environments.SKLEARN),
        servers.ours(ALONE, slow, environments.SKLEARN, single),
    ]
    files = measure.written(learned, folder / "bodies-of-pipeline")
    many = Plan(plan.rounds, plan.seconds, MANY)
    with measure.all_running(pair, folder) as started:
        measure.check_alike(started, files)
        return measure.in_turns(started, files, many, ["predict 1"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-serving", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="use the servers that are built")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each burst of requests")
    return parser


if __name__ == "__main__":
    sys.exit(main())
