"""Addresses and folders of the local cluster: one per machine, all in one network namespace."""

from pathlib import Path

from harness import paths

NAME = "perennial"
NODE = "node-1"
NODE_ADDRESS = "10.200.0.2"
POD_RANGE = "10.244.0.0/16"
NODE_POD_RANGE = "10.244.0.0/24"
SERVICE_RANGE = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
API = "https://127.0.0.1:6443"

NAMESPACE = Path("/run/netns") / NAME
RUN = Path("/run") / NAME
SOCKET = RUN / "containerd.sock"


def state() -> Path:
    """Return the folder of the running cluster; `down` removes it."""
    return paths.state() / "local"


def images() -> Path:
    """Return containerd's folder: images stay there between clusters."""
    return paths.cache() / "containerd"


def kubeconfig(user: str = "admin") -> Path:
    """Return the file with which this user of the cluster talks to the API server."""
    return state() / f"{user}.kubeconfig"
