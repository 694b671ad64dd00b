"""Reaching what runs in the cluster from a test: one way for both kinds of cluster."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from harness.cluster import Cluster
from harness.kubectl import Kubectl
from harness.programs import HarnessError

FORWARDED = re.compile(r"Forwarding from (127\.0\.0\.1:\d+)")


@contextmanager
def service_address(
    cluster: Cluster, kubectl: Kubectl, service: str, port: int = 80
) -> Iterator[str]:
    """Yield the base URL of a Service of the namespace, once a connection to it is taken."""
    if cluster.reaches_services():
        address = kubectl.get("Service", service)["spec"]["clusterIP"]
        _wait_open(address, port)
        yield f"http://{address}:{port}"
        return
    argv = forwarding(cluster.kubectl(), kubectl.namespace, service, port)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as forwarder:
        try:
            yield f"http://{_forwarded(forwarder)}"
        finally:
            forwarder.terminate()


def answers(cluster: Cluster, kubectl: Kubectl, service: str, path: str) -> bool:
    """Tell whether a Service answers a GET well at this very moment."""
    if cluster.reaches_services():
        return _is_well(f"http://{kubectl.get('Service', service)['spec']['clusterIP']}{path}")
    with service_address(cluster, kubectl, service) as url:
        return _is_well(f"{url}{path}")


def forwarding(kubectl: list[str], namespace: str, service: str, port: int) -> list[str]:
    """Return the command that forwards a free local port to a Service."""
    where = ["--address", "127.0.0.1", f"service/{service}", f":{port}"]
    return [*kubectl, "--namespace", namespace, "port-forward", *where]


def _is_well(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _wait_open(address: str, port: int, seconds: float = 10) -> None:
    """Wait for the node's proxy, which hears of a ready pod a moment after everyone else."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise HarnessError(f"{address}:{port} takes no connection: {error}") from error
            time.sleep(0.05)
        else:
            return


def _forwarded(forwarder: subprocess.Popen[str]) -> str:
    for line in forwarder.stdout or ():
        if match := FORWARDED.search(line):
            return match[1]
    raise HarnessError("kubectl port-forward ended before it forwarded anything")
