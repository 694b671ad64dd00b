import socket

import pytest

from harness import reach


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


class Service:
    """kubectl in a namespace whose every Service has one address."""

    def get(self, kind, name):
        return {"kind": kind, "metadata": {"name": name}, "spec": {"clusterIP": "127.0.0.1"}}


def test_a_service_is_reached_at_its_own_address(listener):
    assert reach.service_address(Service(), "churn", listener) == f"http://127.0.0.1:{listener}"


def test_a_service_without_a_ready_pod_is_an_error_that_names_the_address():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    with pytest.raises(reach.HarnessError, match=f"127.0.0.1:{port} takes no connection"):
        reach.service_address(Service(), "churn", port, seconds=0)
