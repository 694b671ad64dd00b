"""What 500 Datasets cost the operator, and what it does when nothing happens.

No node is needed: the benchmark ends each Job itself, by writing the status of its Pod.
"""

import asyncio
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from harness import api as plain
from harness import cluster as clusters
from harness import operator_process, paths
from harness.kubectl import Kubectl, documents
from harness.operator_process import OperatorProcess
from perennial.api.configuration import Configuration, Images, Lease, Limits, Store
from perennial.api.dataset import Outcome, QualityReport
from perennial.api.names import MANAGED_BY, OPERATOR
from perennial.api.tasks import SnapshotReport
from perennial.cluster.api import APPLY, MERGE, Api, connection
from perennial.cluster.measures import ClusterMeasures
from perennial.cluster.pace import Pace
from perennial.cluster.resources import RESOURCES

OBJECTS = 500
NAMESPACES = 10
CLIENTS = 16
SILENCE = 60.0
LONGEST = 180.0
WRITES = ("POST", "APPLY", "PATCH", "DELETE")
READS = ("GET", "LIST")


@dataclass(frozen=True)
class Usage:
    """What the operator has used so far."""

    at: float
    cpu: float
    writes: float
    reads: float


def main() -> None:
    """Print what it takes, step by step; the last line is the summary as JSON."""
    chosen = clusters.chosen()
    kubectl = Kubectl(plain.Api(chosen.kubeconfig()))
    for file in sorted((paths.ROOT / "crds").glob("*.yaml")):
        for each in kubectl.apply(documents(file)):
            kubectl.wait_for(each["kind"], each["metadata"]["name"], "Established")
    with tempfile.TemporaryDirectory() as folder, _namespaces(kubectl) as names:
        wanted = _configuration(tuple(names))
        with operator_process.running(chosen, kubectl, Path(folder), wanted) as operator:
            summary = asyncio.run(_measured(chosen.kubeconfig(), names, operator))
    print(json.dumps({"summary": summary}))


async def _measured(
    kubeconfig: Path, names: list[str], operator: OperatorProcess
) -> dict[str, float]:
    measures = ClusterMeasures(CollectorRegistry())
    pace = Pace(1e6, 10**6, time.monotonic)
    api = Api(await connection(kubeconfig), pace, measures, lambda: True)
    try:
        alone = await _api_server_alone(api, names[0])
        print(f"the API server alone: {alone:.0f} writes/s", flush=True)
        return {
            **await _converged(kubeconfig, api, names, operator),
            "apiserver_writes_per_s": alone,
        }
    finally:
        await api.close()


async def _api_server_alone(api: Api, namespace: str) -> float:
    """Return how many plain writes a second the API server answers to concurrent clients."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    text = {"data": {"text": "x" * 2000}}

    def write(number: int) -> Coroutine[Any, Any, Any]:
        typed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}}
        return api.request("POST", path, typed | text)

    started = time.monotonic()
    await _all(write, range(2 * OBJECTS))
    return round(2 * OBJECTS / (time.monotonic() - started), 1)


async def _converged(
    kubeconfig: Path, api: Api, names: list[str], operator: OperatorProcess
) -> dict[str, float]:
    places = [(names[number % len(names)], f"d{number}") for number in range(OBJECTS)]
    before = _usage(operator)
    ready: set[tuple[str, str]] = set()
    with _kubelet(kubeconfig, api, names), _readiness(kubeconfig, names, ready):
        await _all(lambda place: _make(api, *place), places)
        print(f"{OBJECTS} Datasets made in {time.monotonic() - before.at:.1f} s", flush=True)
        while len(ready) < OBJECTS:
            if time.monotonic() - before.at > LONGEST:
                raise SystemExit(f"only {len(ready)} are Ready\n{operator.last_words()}")
            await asyncio.sleep(0.05)
    after = _usage(operator)
    print(f"all Ready after {after.at - before.at:.1f} s", flush=True)
    await _calm(operator)
    calm = _usage(operator)
    await asyncio.sleep(SILENCE)
    silent = _usage(operator)
    return {
        "idle_writes_60s": silent.writes - calm.writes,
        "idle_reads_60s": silent.reads - calm.reads,
        "writes_per_object": round((calm.writes - before.writes) / OBJECTS, 2),
        f"converge_{OBJECTS}_s": round(after.at - before.at, 1),
        "cpu_ms_per_object": round(1000 * (calm.cpu - before.cpu) / OBJECTS, 2),
        "rss_mib": _memory(operator),
    }


async def _make(api: Api, namespace: str, name: str) -> None:
    resource = RESOURCES["Dataset"]
    columns = [
        {"name": "dep_delay", "type": "Number", "minimum": "-120", "maxMissing": "0.05"},
        {"name": "carrier", "type": "Category", "allowedValues": ["AA", "B6", "DL", "EV", "MQ"]},
        {"name": "late", "type": "Boolean"},
    ]
    manifest = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"source": {"object": {"path": f"raw/{name}/"}}, "columns": columns},
    }
    query = {"fieldManager": "benchmark", "force": "true"}
    path = resource.path(namespace, name)
    await api.request("PATCH", path, manifest, content_type=APPLY, query=query)


async def _end(api: Api, pod: dict[str, Any]) -> None:
    """Write what the kubelet writes when every step of a snapshot has ended well."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = f"sha256:{secrets.token_hex(32)}"
    report = SnapshotReport(
        digest=digest,
        path=f"perennial/snapshots/{digest[7:]}/",
        rows=50_000,
        bytes=4_000_000,
        quality=QualityReport(outcome=Outcome.PASSED, passed=12),
    )

    def ended(container: dict[str, Any], message: str = "") -> dict[str, Any]:
        terminated = {"exitCode": 0, "reason": "Completed", "message": message}
        times = {"startedAt": now, "finishedAt": now}
        named = {"name": container["name"], "image": container["image"], "imageID": ""}
        return named | {
            "ready": False,
            "restartCount": 0,
            "state": {"terminated": terminated | times},
        }

    spec, metadata = pod["spec"], pod["metadata"]
    message = report.model_dump_json(by_alias=True, exclude_none=True)
    status = {
        "phase": "Succeeded",
        "startTime": now,
        "initContainerStatuses": [ended(each) for each in spec["initContainers"]],
        "containerStatuses": [ended(each, message) for each in spec["containers"]],
    }
    path = RESOURCES["Pod"].path(metadata["namespace"], metadata["name"], "status")
    await api.request("PATCH", path, {"status": status}, content_type=MERGE)


@contextmanager
def _kubelet(kubeconfig: Path, api: Api, names: list[str]) -> Iterator[None]:
    """End every Pod of ours as soon as it appears."""
    loop, ended = asyncio.get_running_loop(), set[str]()

    def seen(pod: dict[str, Any]) -> None:
        metadata = pod["metadata"]
        if metadata["namespace"] in names and metadata["uid"] not in ended:
            ended.add(metadata["uid"])
            asyncio.run_coroutine_threadsafe(_end(api, pod), loop)

    with _watching(kubeconfig, "Pod", f"{MANAGED_BY}={OPERATOR}", seen):
        yield


@contextmanager
def _readiness(kubeconfig: Path, names: list[str], ready: set[tuple[str, str]]) -> Iterator[None]:
    """Note every Dataset that says it is Ready."""

    def seen(dataset: dict[str, Any]) -> None:
        place = dataset["metadata"]["namespace"], dataset["metadata"]["name"]
        stated = dataset.get("status", {}).get("conditions") or ()
        if place[0] in names and ("Ready", "True") in {(c["type"], c["status"]) for c in stated}:
            ready.add(place)

    with _watching(kubeconfig, "Dataset", "", seen):
        yield


@contextmanager
def _watching(
    kubeconfig: Path, kind: str, labels: str, seen: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    """Watch a kind in a thread that ends with the process."""
    api, path = plain.Api(kubeconfig), RESOURCES[kind].path(None)

    def watch() -> None:
        for event in api.watch(path, {"labelSelector": labels}, int(LONGEST)):
            seen(event["object"])

    threading.Thread(target=watch, daemon=True).start()
    time.sleep(0.5)
    yield


async def _all(call: Callable[[Any], Awaitable[Any]], arguments: Any) -> None:
    """Call for every argument, as many at once as there are clients."""
    waiting = iter(arguments)

    async def client() -> None:
        for argument in waiting:
            await call(argument)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def _calm(operator: OperatorProcess) -> None:
    """Wait until nothing has been asked or written for five seconds."""
    last, since = _usage(operator), time.monotonic()
    while time.monotonic() - since < 5:
        await asyncio.sleep(0.5)
        now = _usage(operator)
        if (now.writes, now.reads) != (last.writes, last.reads):
            last, since = now, time.monotonic()


def _usage(operator: OperatorProcess) -> Usage:
    counted = {
        sample.labels["verb"]: 0.0
        for family in text_string_to_metric_families(operator.metrics())
        for sample in family.samples
        if sample.name == "perennial_api_requests_total"
    }
    for family in text_string_to_metric_families(operator.metrics()):
        for sample in family.samples:
            if sample.name == "perennial_api_requests_total":
                counted[sample.labels["verb"]] += sample.value
    return Usage(
        at=time.monotonic(),
        cpu=_cpu_seconds(operator),
        writes=sum(counted.get(verb, 0) for verb in WRITES),
        reads=sum(counted.get(verb, 0) for verb in READS),
    )


def _cpu_seconds(operator: OperatorProcess) -> float:
    fields = Path(f"/proc/{_pid(operator)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(operator: OperatorProcess) -> float:
    pages = int(Path(f"/proc/{_pid(operator)}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _pid(operator: OperatorProcess) -> int:
    if operator.process is None:
        sys.exit(f"the operator has ended\n{operator.last_words()}")
    return operator.process.pid


def _configuration(names: tuple[str, ...]) -> Configuration:
    return Configuration(
        stores={"default": Store(bucket="models")},
        images=Images(training="perennial-job:benchmark", server="perennial-server:benchmark"),
        limits=Limits(jobs_per_namespace=1000),
        lease=Lease(name=f"benchmark-{secrets.token_hex(4)}", namespace="perennial-system"),
        port=operator_process._free_port(),
    )


@contextmanager
def _namespaces(kubectl: Kubectl) -> Iterator[list[str]]:
    names = [f"benchmark-{secrets.token_hex(3)}" for _ in range(NAMESPACES)]
    for name in names:
        kubectl.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    try:
        yield names
    finally:
        for name in names:
            kubectl.delete("Namespace", name)


if __name__ == "__main__":
    main()
