"""The project's chart, installed, upgraded and removed with real Helm."""

from dataclasses import dataclass

import yaml

from harness import images, programs
from harness.cluster import Cluster
from harness.paths import ROOT
from harness.servers.store import CREDENTIALS, of_cluster
from harness.tools import HELM

CHART = ROOT / "charts/perennial"
SYSTEM = "perennial-system"
Values = dict[str, object]

# Tests may have installed the kinds by hand before: the release takes them over.
_INSTALLING = ("--install", "--wait", "--take-ownership", "--force-conflicts")


@dataclass(frozen=True)
class Release:
    """One installation of the chart."""

    cluster: Cluster
    name: str = "perennial"
    namespace: str = SYSTEM

    def install(self, values: Values | None = None, seconds: int = 900) -> str:
        """Install, or upgrade what is installed, and wait until it is ready."""
        return self._with_values("upgrade", values, *_INSTALLING, f"--timeout={seconds}s")

    def render(self, values: Values | None = None) -> list[dict[str, object]]:
        """Return the objects that an installation would make."""
        return [*filter(None, yaml.safe_load_all(self._with_values("template", values)))]

    def uninstall(self) -> None:
        """Remove the release and wait for its end; one that is not there is fine."""
        words = ["--wait", "--ignore-not-found", f"--namespace={self.namespace}"]
        self._helm("uninstall", self.name, *words)

    def _with_values(self, verb: str, values: Values | None, *options: str) -> str:
        chosen = yaml.safe_dump(default_values(self.cluster) if values is None else values)
        where = [f"--namespace={self.namespace}", "--create-namespace", "--values=-"]
        return self._helm(verb, self.name, str(CHART), *where, *options, stdin=chosen.encode())

    def _helm(self, *words: str, stdin: bytes | None = None) -> str:
        kubeconfig = f"--kubeconfig={self.cluster.kubeconfig()}"
        return programs.run([HELM.path, *words, kubeconfig], stdin=stdin)


def default_values(cluster: Cluster) -> Values:
    """Return the values that tie an installation to this cluster's images and store."""
    store = of_cluster(cluster.kubeconfig())
    names = images.references()
    return {
        "image": names.operator,
        "images": {
            "training": names.job,
            "server": names.server,
            "serverSklearn": names.server_sklearn,
        },
        "stores": {
            "default": {
                "endpoint": store.endpoint,
                "bucket": store.bucket,
                "region": store.region,
                "secretName": CREDENTIALS,
            }
        },
    }
