"""A connection to the real API server, and the operator's process with a small reconciler."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from harness import chart, fault_proxy, metrics, operator_process, paths, programs
from harness.api import Api
from harness.cluster import Cluster
from harness.fixtures import fresh_namespace
from harness.kubectl import Kubectl

HERE = Path(__file__).parent


@dataclass
class SmallOperator:
    """One process of the operator."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)

    def wait_for(self, stage: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while self._stage() != stage:
            assert self.process.poll() is None, f"it ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"not {stage}:\n{self.log.read_text()}"
            time.sleep(0.05)

    def number(self, name: str, **labels: str) -> float:
        return metrics.total(self.get("/metrics").text, name, **labels)

    def writes(self) -> float:
        return metrics.writes(self.get("/metrics").text)

    def end(self, sign: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the exit status and the seconds until then."""
        started = time.monotonic()
        self.process.send_signal(sign)
        return self.process.wait(timeout=30), time.monotonic() - started

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def ended(self, seconds: float) -> int:
        """Wait for it to end by itself; return the exit status."""
        return self.process.wait(timeout=seconds)

    def _stage(self) -> str:
        try:
            return self.get("/readyz").text.strip()
        except httpx.TransportError:
            return "starting"


@pytest.fixture(scope="session", autouse=True)
def _alone(api: Api) -> Iterator[None]:
    """Let an installed operator rest: it would do its own work on the objects of these tests."""
    system = Kubectl(api, chart.SYSTEM)
    resting = {
        each["metadata"]["name"]: each["spec"]["replicas"] for each in system.all("Deployment")
    }
    for name in resting:
        system.scale("Deployment", name, 0)
        system.wait_for("Deployment", name, lambda found: not found["status"].get("replicas"))
    yield
    for name, replicas in resting.items():
        if system.find("Deployment", name):  # tests of the chart may have removed it since
            system.scale("Deployment", name, replicas)


@pytest.fixture(scope="session")
def _resources(api: Api) -> None:
    for file in sorted((paths.ROOT / "crds").glob("*.yaml")):
        Kubectl(api).apply(file)


@pytest.fixture(scope="session")
def kubeconfig(
    cluster: Cluster, api: Api, _resources: None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a kubeconfig with the operator's own rights."""
    file = tmp_path_factory.mktemp("operator") / "kubeconfig"
    return operator_process.own_kubeconfig(Kubectl(api), cluster.kubeconfig(), file)


def _started(kubeconfig: Path, namespace: str, folder: Path, **settings: object) -> SmallOperator:
    port = _free_port()
    configuration = {
        "stores": {"default": {"bucket": "models"}},
        "images": {"training": "job:1", "server": "server:1", "serverSklearn": "sklearn:1"},
        "lease": {"enabled": False},
        "watchNamespaces": [namespace],
        "port": port,
    } | settings
    file, log = folder / f"operator-{port}.yaml", folder / f"operator-{port}.log"
    file.write_text(json.dumps(configuration))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, str(HERE / "small_operator.py")),
                *("--config", str(file), "--kubeconfig", str(kubeconfig)),
            ],
            env=programs.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return SmallOperator(process, port, log)


@pytest.fixture
def start(
    namespace: Kubectl, kubeconfig: Path, tmp_path: Path
) -> Iterator[Callable[..., SmallOperator]]:
    """Return how to start the operator's process for the namespace of the test."""
    started: list[SmallOperator] = []

    def begin(through: Path = kubeconfig, **settings: object) -> SmallOperator:
        started.append(_started(through, namespace.namespace, tmp_path, **settings))
        return started[-1]

    yield begin
    for each in started:
        each.kill()


@dataclass(frozen=True)
class Place:
    """A namespace with an operator that many tests share; each has objects of its own."""

    kubectl: Kubectl
    operator: SmallOperator


@pytest.fixture(scope="session")
def place(api: Api, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a namespace with a running operator."""
    folder = tmp_path_factory.mktemp("shared")
    with fresh_namespace(api) as kubectl:
        operator = _started(kubeconfig, kubectl.namespace, folder)
        operator.wait_for("leading")
        yield Place(kubectl, operator)
        operator.kill()


@pytest.fixture
def proxy(kubeconfig: Path, tmp_path: Path) -> Iterator[tuple[fault_proxy.FaultProxy, Path]]:
    """Return a proxy before the API server, and the kubeconfig that leads through it."""
    with fault_proxy.running(kubeconfig, tmp_path) as both:
        yield both


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
