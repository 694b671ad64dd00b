"""Tells Prometheus which pods want to be scraped: Debian's Prometheus cannot ask Kubernetes."""

import json
import sys
import time
from pathlib import Path

import httpx

from harness.api import Api, Manifest, RefusedError

PREFIX = "prometheus.io/"


def target(pod: Manifest) -> dict[str, object] | None:
    """Return the entry for a running pod that asks for it by the customary annotations."""
    metadata, address = pod["metadata"], pod.get("status", {}).get("podIP")
    annotations = metadata.get("annotations", {})
    if annotations.get(f"{PREFIX}scrape") != "true" or not address:
        return None
    labels = {"namespace": metadata["namespace"], "pod": metadata["name"]}
    labels["__metrics_path__"] = annotations.get(f"{PREFIX}path", "/metrics")
    for name, value in metadata.get("labels", {}).items():
        if name.startswith("perennial.dev/"):
            labels[name.replace("perennial.dev/", "perennial_dev_").replace("-", "_")] = value
    port = annotations.get(f"{PREFIX}port", "8080")
    return {"targets": [f"{address}:{port}"], "labels": labels}


def follow(kubeconfig: Path, file: Path) -> None:
    """Keep the file of targets true, for as long as the process lives."""
    api = Api(kubeconfig)
    while True:
        try:
            _follow_once(api, file)
        except (httpx.TransportError, RefusedError) as failure:
            print(f"watch of pods ended: {failure}", file=sys.stderr, flush=True)
            time.sleep(1)


def _follow_once(api: Api, file: Path) -> None:
    listed = api.request("GET", "/api/v1/pods")
    pods = {pod["metadata"]["uid"]: pod for pod in listed["items"]}
    _write(pods, file)
    since = {"resourceVersion": listed["metadata"]["resourceVersion"]}
    for event in api.watch("/api/v1/pods", since, seconds=300):
        if event["type"] == "ERROR":
            return
        pod = event["object"]
        if event["type"] == "DELETED":
            pods.pop(pod["metadata"]["uid"], None)
        else:
            pods[pod["metadata"]["uid"]] = pod
        _write(pods, file)


def _write(pods: dict[str, Manifest], file: Path) -> None:
    running = [pod for pod in pods.values() if pod.get("status", {}).get("phase") == "Running"]
    content = json.dumps([entry for entry in map(target, running) if entry])
    if not file.exists() or file.read_text() != content:
        unfinished = file.with_suffix(".new")
        unfinished.write_text(content)
        unfinished.replace(file)


if __name__ == "__main__":
    follow(Path(sys.argv[1]), Path(sys.argv[2]))
