"""Makes the API server forget what was: no watch can begin in the past any more."""

import base64
import sys
from typing import Any

import httpx

from harness import paths, processes, programs
from harness.local import control_plane, network, places

_EVERYTHING = base64.b64encode(b"\0").decode()


def forget() -> int:
    """Compact etcd and start the API server anew; return the revision before which all is lost.

    The API server answers watches from its own memory as long as it can, so etcd's is not enough.
    """
    revision = network.within(_compacted)
    server = control_plane.api_server()
    processes.stop(processes.recorded(places.state(), (server.name,)))
    programs.run([sys.executable, "-m", "harness", "up"], cwd=paths.ROOT)
    return revision


def _compacted() -> int:
    held = _etcd("kv/range", key=_EVERYTHING, range_end=_EVERYTHING, count_only=True)
    revision = held["header"]["revision"]
    _etcd("kv/compaction", revision=revision, physical=True)
    return int(revision)


def _etcd(path: str, **asked: object) -> dict[str, Any]:
    answer = httpx.post(f"{control_plane.ETCD}/v3/{path}", json=asked, trust_env=False, timeout=30)
    content: dict[str, Any] = answer.raise_for_status().json()
    return content
