"""The part of a kubelet that a benchmark needs: every snapshot's Pod ends well, and at once."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from harness.api import Api as Plain
from harness.api import Manifest
from perennial.api.dataset import QualityReport
from perennial.api.gate import Outcome
from perennial.api.names import MANAGED_BY, OPERATOR
from perennial.api.tasks import SnapshotReport
from perennial.api.times import to_timestamp
from perennial.cluster.api import MERGE, Api
from perennial.cluster.resources import RESOURCES


@contextmanager
def ended(kubeconfig: Path, api: Api, namespace: str) -> Iterator[None]:
    """End every Pod of ours in a namespace as soon as it appears."""
    loop, seen = asyncio.get_running_loop(), set[str]()

    def end_once(pod: Manifest) -> None:
        uid = pod["metadata"]["uid"]
        if pod["metadata"]["namespace"] == namespace and uid not in seen:
            seen.add(uid)
            asyncio.run_coroutine_threadsafe(_end(api, pod), loop)

    with watched(kubeconfig, "Pod", f"{MANAGED_BY}={OPERATOR}", end_once):
        yield


@contextmanager
def watched(
    kubeconfig: Path, kind: str, labels: str, tell: Callable[[Manifest], None]
) -> Iterator[None]:
    """Tell every state of every object of a kind, from a thread that ends with the process."""
    api, path, query = Plain(kubeconfig), RESOURCES[kind].path(None), {"labelSelector": labels}

    def watch() -> None:
        for event in api.watch(path, query, seconds=600):
            tell(event["object"])

    threading.Thread(target=watch, daemon=True).start()
    time.sleep(0.5)
    yield


async def _end(api: Api, pod: Manifest) -> None:
    """Write what the kubelet writes when every step of a snapshot has ended well."""
    spec, metadata, now = pod["spec"], pod["metadata"], to_timestamp(datetime.now(UTC))
    status = {
        "phase": "Succeeded",
        "startTime": now,
        "initContainerStatuses": [_container(each, now) for each in spec["initContainers"]],
        "containerStatuses": [_container(each, now, _report()) for each in spec["containers"]],
    }
    path = RESOURCES["Pod"].path(metadata["namespace"], metadata["name"], "status")
    await api.request("PATCH", path, {"status": status}, content_type=MERGE)


def _container(container: Manifest, now: str, message: str = "") -> Manifest:
    terminated = {
        "exitCode": 0,
        "reason": "Completed",
        "message": message,
        "startedAt": now,
        "finishedAt": now,
    }
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"terminated": terminated},
    }


def _report() -> str:
    digits = secrets.token_hex(32)
    report = SnapshotReport(
        digest=f"sha256:{digits}",
        path=f"perennial/benchmark/snapshots/{digits}/",
        rows=50_000,
        bytes=4_000_000,
        quality=QualityReport(outcome=Outcome.PASSED, passed=12),
    )
    return report.model_dump_json(by_alias=True, exclude_none=True)
