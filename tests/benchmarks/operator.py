"""What 500 Datasets cost the operator, and what it does when nothing happens.

No node is needed: the benchmark ends the Pods itself. The last line is the summary as JSON.
"""

import asyncio
import json
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from benchmarks import pods
from benchmarks.usage import Usage, memory, usage
from harness import api as plain
from harness import cluster as clusters
from harness import operator_process, paths
from harness.api import Manifest
from harness.kubectl import Kubectl, documents
from harness.operator_process import OperatorProcess
from harness.programs import HarnessError
from perennial.api.configuration import Configuration, Images, Lease, Limits, Store
from perennial.cluster.api import APPLY, Api, connection
from perennial.cluster.metrics import ClusterMetrics
from perennial.cluster.rate_limiter import RateLimiter
from perennial.cluster.resources import RESOURCES

OBJECTS = 500
CLIENTS = 16
SILENCE = 60.0
LONGEST = 300.0


def main() -> None:
    """Measure, and print."""
    kubeconfig = clusters.chosen().kubeconfig()
    kubectl = Kubectl(plain.Api(kubeconfig))
    for file in sorted((paths.ROOT / "crds").glob("*.yaml")):
        for each in kubectl.apply(documents(file)):
            kubectl.wait_for(each["kind"], each["metadata"]["name"], "Established")
    with tempfile.TemporaryDirectory() as folder, _namespace(kubectl) as namespace:
        cluster, wanted = clusters.chosen(), _configuration(namespace)
        with operator_process.running(cluster, kubectl, Path(folder), wanted) as operator:
            summary = asyncio.run(_summary(kubeconfig, namespace, operator))
    print(json.dumps({"summary": summary}))


async def _summary(kubeconfig: Path, namespace: str, operator: OperatorProcess) -> dict[str, float]:
    limiter, metrics = (
        RateLimiter(1e6, 10**6, time.monotonic),
        ClusterMetrics(CollectorRegistry()),
    )
    api = Api(await connection(kubeconfig), limiter, metrics, lambda: True)
    try:
        alone = await _api_server_alone(api, namespace)
        print(f"the API server alone: {alone:.0f} writes/s", flush=True)
        before = usage(operator)
        await _converged(kubeconfig, api, namespace, operator)
        seconds = time.monotonic() - before.at
        print(f"all {OBJECTS} are Ready after {seconds:.1f} s", flush=True)
    finally:
        await api.close()
    calm = await _calm(operator)
    await asyncio.sleep(SILENCE)
    return _figures(before, calm, usage(operator)) | {
        f"converge_{OBJECTS}_s": round(seconds, 1),
        "rss_mib": memory(operator),
        "apiserver_writes_per_s": alone,
    }


def _figures(before: Usage, calm: Usage, silent: Usage) -> dict[str, float]:
    looks, events = calm.looks - before.looks, calm.events - before.events
    print(f"{events / OBJECTS:.1f} events and {looks / OBJECTS:.1f} looks for each", flush=True)
    return {
        f"idle_writes_{SILENCE:.0f}s": silent.writes - calm.writes,
        f"idle_reads_{SILENCE:.0f}s": silent.reads - calm.reads,
        "writes_per_object": round((calm.writes - before.writes) / OBJECTS, 2),
        "cpu_ms_per_object": round(1000 * (calm.cpu - before.cpu) / OBJECTS, 2),
    }


async def _api_server_alone(api: Api, namespace: str) -> float:
    """Return how many plain writes a second the API server answers to concurrent clients."""
    path, writes = f"/api/v1/namespaces/{namespace}/configmaps", 2 * OBJECTS

    def write(number: int) -> Coroutine[Any, Any, Any]:
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{number}"}}
        return api.request("POST", path, config | {"data": {"text": "x" * 2000}})

    started = time.monotonic()
    await _all(write, range(writes))
    return round(writes / (time.monotonic() - started), 1)


async def _converged(kubeconfig: Path, api: Api, namespace: str, operator: OperatorProcess) -> None:
    """Make all Datasets, and return when all are Ready."""
    names = {f"d{number}" for number in range(OBJECTS)}
    ready: set[str] = set()

    def note(dataset: Manifest) -> None:
        metadata, stated = dataset["metadata"], dataset.get("status", {}).get("conditions") or ()
        is_ready = ("Ready", "True") in {(each["type"], each["status"]) for each in stated}
        if is_ready and metadata["namespace"] == namespace:
            ready.add(metadata["name"])

    deadline = time.monotonic() + LONGEST
    with (
        pods.watched(kubeconfig, "Dataset", "", note),
        pods.ended(kubeconfig, api, namespace),
    ):
        await _all(lambda name: _make(api, namespace, name), names)
        while not names <= ready:
            if time.monotonic() > deadline:
                left = len(names - ready)
                raise HarnessError(f"{left} are not Ready\n{operator.last_words()}")
            await asyncio.sleep(0.05)


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


async def _all(call: Callable[[Any], Coroutine[Any, Any, Any]], arguments: Iterable[Any]) -> None:
    """Call with every argument, as many at once as there are clients."""
    waiting = iter(arguments)

    async def client() -> None:
        for argument in waiting:
            await call(argument)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def _calm(operator: OperatorProcess) -> Usage:
    """Return what was used when nothing has been asked or written for five seconds."""
    last = usage(operator)
    while True:
        await asyncio.sleep(1.0)
        now = usage(operator)
        if (now.writes, now.reads) != (last.writes, last.reads):
            last = now
        elif now.at - last.at > 5:
            return now


def _configuration(namespace: str) -> Configuration:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Configuration(
        stores={"default": Store(bucket="models")},
        images=Images(
            training="perennial-job:benchmark",
            server="perennial-server:benchmark",
            server_sklearn="perennial-server-sklearn:benchmark",
        ),
        limits=Limits(jobs_per_namespace=1000),
        lease=Lease(name=namespace, namespace="perennial-system"),
        # Elsewhere there may be servers of a demo, whose pods end with the node: that is no idling.
        watch_namespaces=(namespace,),
        port=port,
    )


@contextmanager
def _namespace(kubectl: Kubectl) -> Iterator[str]:
    """Make one namespace for all: nowhere is it harder to count who may run a Job."""
    name = f"benchmark-{secrets.token_hex(3)}"
    kubectl.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    try:
        yield name
    finally:
        kubectl.delete("Namespace", name)


if __name__ == "__main__":
    main()
