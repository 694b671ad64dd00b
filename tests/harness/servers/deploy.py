"""Brings the servers up in a cluster: images, credentials, manifests, readiness."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from harness import paths, programs, progress
from harness.images import Buildable
from harness.programs import HarnessError
from harness.servers import gateway, gateway_api, images
from harness.servers.store import CREDENTIALS, NAMESPACE, new_credentials

Manifest = dict[str, Any]
FILES = ("namespace.yaml", "s3.yaml", "prometheus.yaml", gateway.FILE)
DEPLOYMENTS = {
    "s3": "8333/proxy/healthz",
    "prometheus": "9090/proxy/-/ready",
    "traefik": "8080/proxy/ping",
}
CONTENT = "perennial.dev/content"
PATIENCE = 900
"""Seconds that a server may take to be ready: a limit for what hangs."""


def ensure(kubectl: list[str], ensure_image: Callable[[Buildable, str], None]) -> None:
    """Make the servers as their manifests describe them, and wait until they are ready."""
    for image in images.ALL:
        image.prepare()
        ensure_image(image, image.reference())
    gateway_api.ensure(kubectl)
    with progress.step("servers in the cluster: S3, Prometheus, Traefik", usual="10 s"):
        ensure_credentials(kubectl)
        _apply(kubectl, manifests())
        for name, probe in DEPLOYMENTS.items():
            wait = ("rollout", "status", f"deployment/{name}", f"--timeout={PATIENCE}s")
            programs.run([*kubectl, "--namespace", NAMESPACE, *wait])
            _wait_answering(kubectl, f"/api/v1/namespaces/{NAMESPACE}/services/{name}:{probe}")
        programmed = ("wait", f"gateway/{gateway.NAME}", "--for=condition=Programmed")
        programs.run([*kubectl, "--namespace", NAMESPACE, *programmed, f"--timeout={PATIENCE}s"])


def _wait_answering(kubectl: list[str], path: str) -> None:
    """Wait for a server's own word: after a restart of the node its Deployment looks ready."""
    deadline = time.monotonic() + PATIENCE
    while not programs.succeeds([*kubectl, "get", "--raw", path]):
        if time.monotonic() > deadline:
            raise HarnessError(f"{path} does not answer after {PATIENCE} s")
        time.sleep(0.5)


def ensure_credentials(kubectl: list[str]) -> None:
    """Make the store's identity, once per cluster; no server need run."""
    _apply(kubectl, _read("namespace.yaml"))
    found = ("get", "secret", CREDENTIALS, "--namespace", NAMESPACE, "--ignore-not-found")
    if not programs.run([*kubectl, *found, "--output=name"]).strip():
        _apply(kubectl, [new_credentials()])


def manifests(files: Sequence[str] = FILES) -> list[Manifest]:
    """Return every object of the servers, with the images that this checkout makes."""
    names = {image.name: image.reference() for image in images.ALL}
    return [_completed(manifest, file, names) for file in files for manifest in _read(file)]


def _completed(manifest: Manifest, file: str, names: dict[str, str]) -> Manifest:
    """Put images into a Deployment, and a mark that gives a new configuration a new pod."""
    if manifest["kind"] == "Deployment":
        template = manifest["spec"]["template"]
        template["metadata"]["annotations"] = {CONTENT: paths.key([images.HERE / file])}
        for container in template["spec"]["containers"]:
            container["image"] = names[container["image"]]
    return manifest


def _read(file: str) -> list[Manifest]:
    return list(yaml.safe_load_all((images.HERE / file).read_text()))


def _apply(kubectl: list[str], objects: list[Manifest]) -> None:
    words = ("apply", "--server-side", "--force-conflicts", "--filename=-")
    programs.run([*kubectl, *words], stdin=yaml.safe_dump_all(objects).encode())
