"""Names, files and pinned versions of the cluster in containers."""

import os
from pathlib import Path

from harness import golang, paths
from harness.golang import Program

NAME = "perennial"
NODE = f"{NAME}-control-plane"
NETWORK = "kind"
CONFIG = paths.ROOT / "kind-config.yaml"
POD_RANGE, SERVICE_RANGE = "10.244.0.0/16", "10.96.0.0/16"
API = "https://127.0.0.1:6443"  # within the node
ADMIN = "/etc/kubernetes/admin.conf"  # within the node
WISHED_IMAGE = "PERENNIAL_NODE_IMAGE"
# The node image that kind 0.31 was released with.
PUBLISHED = (
    "kindest/node:v1.35.0@sha256:452d707d4862f52530247495d180205e029056831160e22870e37e3f6c1ac31f"
)
KIND = Program(
    "kind",
    paths.HARNESS / "kind/program",
    package="sigs.k8s.io/kind",
    minutes=0.5,
    system="",
)


def folder() -> Path:
    """Return what lives as long as the cluster does."""
    return paths.state() / "kind"


def kind() -> list[str]:
    """Return the command of kind, compiled first where the cache does not hold it."""
    return [str(golang.compiled(KIND))]


def wished_image() -> str:
    """Return the node image that the environment names, empty when it names none."""
    return os.environ.get(WISHED_IMAGE, "")
