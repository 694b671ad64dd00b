"""Reaching what runs in the cluster, by its Services: this process is in the node's network."""

import socket
import time

from harness import probe
from harness.kubectl import Kubectl
from harness.programs import HarnessError


def service_address(kubectl: Kubectl, service: str, port: int = 80, seconds: float = 60) -> str:
    """Return the base URL of a Service of the namespace, once a connection to it is taken."""
    host = _host(kubectl, service)
    deadline = time.monotonic() + seconds
    while (error := _refusal(host, port)) is not None:
        if time.monotonic() > deadline:
            raise HarnessError(f"{host}:{port} takes no connection: {error}")
        time.sleep(0.05)
    return f"http://{host}:{port}"


def answers(kubectl: Kubectl, service: str, path: str) -> bool:
    """Tell whether a Service answers a GET well at this very moment."""
    return probe.answers(f"http://{_host(kubectl, service)}{path}")


def _host(kubectl: Kubectl, service: str) -> str:
    return str(kubectl.get("Service", service)["spec"]["clusterIP"])


def _refusal(host: str, port: int) -> OSError | None:
    """Return why no connection is taken: the node's proxy learns of a ready pod last."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError as error:
        return error
    return None
