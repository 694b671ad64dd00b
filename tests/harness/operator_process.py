"""The operator as a process beside the tests: no crash-loop pause hides what a kill does."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml

from harness import images, metrics, patience, probe, programs
from harness.api import Manifest
from harness.chart import SYSTEM
from harness.cluster import Cluster
from harness.kubectl import Kubectl
from harness.servers.store import CREDENTIALS, of_cluster
from perennial.api.configuration import Configuration, Images, Lease, Pauses, Store
from perennial.cluster.rbac import LEADER_RULES, RULES

NAME = "perennial-operator-process"
QUICK = Pauses(first_retry="2s", longest_retry="10s", job_history="5m", drain="2s", resync="5m")


def configuration(cluster: Cluster, namespaces: tuple[str, ...] = ()) -> Configuration:
    """Return a configuration for tests: this cluster's store and images, and short pauses."""
    store = of_cluster(cluster.kubeconfig())
    names = images.references()
    return Configuration(
        stores={
            "default": Store(
                endpoint=store.endpoint,
                bucket=store.bucket,
                region=store.region,
                secret_name=CREDENTIALS,
            )
        },
        images=Images(training=names.job, server=names.server, server_sklearn=names.server_sklearn),
        pauses=QUICK,
        lease=Lease(enabled=False, namespace=SYSTEM),
        watch_namespaces=namespaces,
        port=_free_port(),
    )


@dataclass
class OperatorProcess:
    """One operator: it can be started, killed and started again with the same configuration."""

    configuration: Configuration
    kubeconfig: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """Where every start of it appends what it says."""
        return self.folder / "operator.log"

    @property
    def url(self) -> str:
        """The base URL of /healthz, /readyz and /metrics."""
        return f"http://127.0.0.1:{self.configuration.port}"

    def start(self) -> None:
        """Start the process; it need not be ready when this returns."""
        file = self.folder / "configuration.yaml"
        file.write_text(self.configuration.model_dump_json(by_alias=True, exclude_none=True))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "perennial.controller", "--config", str(file)],
                env={**programs.environment(), "KUBECONFIG": str(self.kubeconfig)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self, seconds: float = 30) -> None:
        """Wait until it says that it is ready."""
        deadline = patience.deadline(seconds)
        while not self.is_ready():
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"the operator ended:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the operator is not ready:\n{self.last_words()}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Tell whether it answers that it is ready."""
        return probe.answers(f"{self.url}/readyz")

    def metrics(self) -> str:
        """Return what it tells Prometheus."""
        return httpx.get(f"{self.url}/metrics", trust_env=False).raise_for_status().text

    def writes(self) -> float:
        """Return how many writes it has sent since its start, except about the lease."""
        return metrics.writes(self.metrics())

    def looks(self) -> float:
        """Return how often it has looked at an object since its start."""
        return metrics.total(self.metrics(), "perennial_reconcile_total")

    def leads(self) -> bool:
        """Tell whether it acts; a standby only waits."""
        return metrics.total(self.metrics(), "perennial_leader") == 1

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self._end(signal.SIGKILL)

    def terminate(self) -> float:
        """Ask it to end; return the seconds it took."""
        started = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - started

    def restart_with(self, **images: str) -> None:
        """End it, and start it with other default images."""
        self.reconfigure(images=self.configuration.images.model_copy(update=images))

    def reconfigure(self, **fields: object) -> None:
        """End it, and start it with another configuration."""
        self.terminate()
        self.configuration = self.configuration.model_copy(update=fields)
        self.start()
        self.wait_ready()

    def last_words(self, lines: int = 30) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end(self, sign: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(timeout=30)
            self.process = None


@contextmanager
def running(
    cluster: Cluster, kubectl: Kubectl, folder: Path, wanted: Configuration | None = None
) -> Iterator[OperatorProcess]:
    """Run an operator under its own ServiceAccount, and kill it at the end."""
    kubeconfig = own_kubeconfig(kubectl, cluster.kubeconfig(), folder / "operator.kubeconfig")
    operator = OperatorProcess(wanted or configuration(cluster), kubeconfig, folder)
    operator.start()
    try:
        operator.wait_ready()
        yield operator
    finally:
        operator.kill()


def own_kubeconfig(kubectl: Kubectl, admin: Path, file: Path, name: str = NAME) -> Path:
    """Write a kubeconfig with the operator's own token: it may do what its roles allow."""
    system = Kubectl(kubectl.api, SYSTEM)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
    system.apply(_account_with_roles(name))
    path = f"{kubectl.api.resource('ServiceAccount').path(SYSTEM, name)}/token"
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": 86400},
    }
    token = kubectl.api.request("POST", path, request)["status"]["token"]
    content = yaml.safe_load(admin.read_text())
    content["users"][0]["user"] = {"token": token}
    file.touch(mode=0o600)
    file.write_text(json.dumps(content))
    return file


def _account_with_roles(name: str) -> list[Manifest]:
    """Return what the chart makes for the operator: the same table of verbs, nothing more."""
    rbac = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": SYSTEM}
    objects: list[Manifest] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    ]
    for scope, rules in (("ClusterRole", RULES), ("Role", LEADER_RULES)):
        role = {
            "apiVersion": f"{rbac}/v1",
            "kind": scope,
            "metadata": {"name": name},
            "rules": [rule.manifest() for rule in rules],
        }
        binding = {
            "apiVersion": f"{rbac}/v1",
            "kind": f"{scope}Binding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": rbac, "kind": scope, "name": name},
            "subjects": [subject],
        }
        objects += [role, binding]
    return objects


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
