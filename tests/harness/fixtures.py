"""What a test asks for by name: the cluster, a namespace of its own, the bucket, an operator."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from harness import bucket as buckets
from harness import cluster as clusters
from harness import lifecycle, locks, operator_process, progress, reach
from harness.api import Api
from harness.bucket import Bucket
from harness.cluster import Cluster
from harness.kubectl import Kubectl
from harness.operator_process import OperatorProcess
from harness.servers.store import of_cluster

TEST = "perennial.dev/test"


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """Return the cluster, brought up unless it is; from here on this process is in its network."""
    chosen = clusters.chosen(clusters.TESTS)
    with progress.unseen(), locks.exclusive("cluster"):
        lifecycle.bring_up(chosen)
    chosen.enter()
    return chosen


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Iterator[Api]:
    """Return a connection to the API server as the administrator."""
    connected = Api(cluster.kubeconfig())
    yield connected
    connected.close()


@pytest.fixture(scope="session")
def bucket(cluster: Cluster) -> Bucket:
    """Return the bucket of the cluster's object store."""
    return buckets.opened(of_cluster(cluster.kubeconfig()))


@pytest.fixture
def namespace(api: Api) -> Iterator[Kubectl]:
    """Return kubectl in a namespace of the test's own, which is deleted afterwards."""
    with fresh_namespace(api) as kubectl:
        yield kubectl


@pytest.fixture
def with_store(namespace: Kubectl, bucket: Bucket) -> Kubectl:
    """Return kubectl in a namespace whose Jobs and servers may use the store."""
    bucket.give_access(namespace)
    return namespace


@pytest.fixture
def operator(cluster: Cluster, namespace: Kubectl, tmp_path: Path) -> Iterator[OperatorProcess]:
    """Run an operator that looks after the test's namespace alone."""
    wanted = operator_process.configuration(cluster, (namespace.namespace,))
    with operator_process.running(cluster, namespace, tmp_path, wanted) as process:
        yield process


@pytest.fixture
def address(namespace: Kubectl) -> Callable[..., str]:
    """Return how to reach a Service of the namespace: `address("name")` is its URL."""
    return partial(reach.service_address, namespace)


@contextmanager
def fresh_namespace(api: Api) -> Iterator[Kubectl]:
    """Make a namespace with a name of its own; ask for its end without waiting for it."""
    name = f"test-{secrets.token_hex(4)}"
    everywhere = Kubectl(api)
    everywhere.create(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": {TEST: "true", "pod-security.kubernetes.io/enforce": "restricted"},
            },
        }
    )
    try:
        yield Kubectl(api, name)
    finally:
        everywhere.delete("Namespace", name)
