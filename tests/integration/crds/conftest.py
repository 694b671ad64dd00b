"""The CustomResourceDefinitions on the real API server, and a namespace to try manifests in."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.api import Api, RefusedError
from harness.chart import Release
from harness.cluster import Cluster
from harness.fixtures import fresh_namespace
from harness.kubectl import Kubectl, documents
from harness.programs import HarnessError

CRDS = sorted((Path(__file__).resolve().parents[3] / "crds").glob("*.yaml"))


def _served(kubectl: Kubectl, kind: str) -> None:
    """Wait until the API server has installed the paths of a kind: Established is a bit early."""
    for _ in range(100):
        with contextlib.suppress(RefusedError, HarnessError):
            kubectl.all(kind)
            return
        time.sleep(0.1)
    kubectl.all(kind)


@pytest.fixture(scope="session")
def place(cluster: Cluster, api: Api) -> Iterator[Kubectl]:
    """Return kubectl in one namespace for all tests of the API, once every kind is served."""
    Release(cluster).uninstall()  # its policies refuse Decisions in the names of examples
    everywhere = Kubectl(api)
    for file in CRDS:
        (applied,) = everywhere.apply(documents(file))
        everywhere.wait_for(applied["kind"], applied["metadata"]["name"], "Established")
        _served(everywhere, applied["spec"]["names"]["kind"])
    with fresh_namespace(api) as kubectl:
        yield kubectl
