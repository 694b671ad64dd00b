"""The real kubectl and its double in the unit tests answer the plugin alike."""

import pytest

from builders import churn
from doubles.kubectl import RecordedKubectl
from harness import plugin
from integration.crds.conftest import place
from integration.decisions.conftest import CANDIDATE, mid_rollout
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Connection, Kubectl
from perennial.cli.kubectl import run as run_program

pytestmark = pytest.mark.integration

__all__ = ["place"]

DECISION = {
    "apiVersion": "perennial.dev/v1alpha1",
    "kind": "Decision",
    "metadata": {"generateName": "churn-promote-"},
    "spec": {
        "subject": {"kind": "ModelDeployment", "name": "churn", "revision": CANDIDATE},
        "verdict": "Promote",
        "by": "alice@example.com",
    },
}


def event_of(name, about):
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": about,
        "type": "Normal",
        "reason": "Starting",
        "message": "churn-2 starts",
        "lastTimestamp": "2026-12-01T00:00:00Z",
    }


def objects(namespace):
    """Create a ModelDeployment with a status and Events about it and another; return all."""
    (deployment,) = namespace.apply(churn.deployment())
    namespace.patch("ModelDeployment", "churn", {"status": mid_rollout()}, "status")
    about = {"kind": "ModelDeployment", "namespace": namespace.namespace}
    for name, uid in (("churn", deployment["metadata"]["uid"]), ("fraud", "another")):
        manifest = event_of(f"{name}.1", {**about, "name": name, "uid": uid})
        manifest["metadata"]["namespace"] = namespace.namespace
        namespace.create(manifest)
    events = [{**each, "kind": "Event"} for each in namespace.all("Event")]
    return [namespace.get("ModelDeployment", "churn"), *events]


@pytest.fixture(params=["real", "double"])
def kubectl(request, place, namespace, cluster, tmp_path, monkeypatch) -> Kubectl:
    """Return kubectl in a namespace with a ModelDeployment churn."""
    made = objects(namespace)
    if request.param == "double":
        return Kubectl(run=RecordedKubectl(*made))
    installed = plugin.install(tmp_path, cluster.kubeconfig(), namespace.namespace)
    monkeypatch.setenv("PATH", installed.environment()["PATH"])
    connection = Connection(namespace.namespace, kubeconfig=str(cluster.kubeconfig()))
    return Kubectl(connection, run_program)


def test_what_the_plugin_asks_for(kubectl):
    found = kubectl.find("modeldeployments", "churn")
    assert found["metadata"]["name"] == "churn"
    assert found["status"]["candidate"]["revision"] == CANDIDATE
    assert kubectl.find("modeldeployments", "nothing") is None
    assert [each["metadata"]["name"] for each in kubectl.all("modeldeployments.perennial.dev")] == [
        "churn"
    ]
    uid = found["metadata"]["uid"]
    (event,) = kubectl.all("events", fields=f"involvedObject.uid={uid}")
    assert event["metadata"]["name"] == "churn.1"
    assert {"default"} <= set(kubectl.names("get", "namespaces"))
    assert kubectl.names("config", "get-contexts")
    assert kubectl.user()


def test_a_created_object_comes_back_with_its_name(kubectl):
    made = kubectl.create(DECISION)
    assert made["metadata"]["name"].startswith("churn-promote-")
    assert made["spec"] == DECISION["spec"]
    assert kubectl.find("decisions", made["metadata"]["name"])["status"] == {
        "observedGeneration": -1
    }


def test_an_unknown_resource_is_an_error(kubectl):
    with pytest.raises(CliError, match=r"^the server doesn't have a resource type"):
        kubectl.all("models.example.com")


def test_an_unknown_command_is_an_error(kubectl):
    with pytest.raises(CliError, match=r'^unknown command "levitate" for "kubectl"'):
        kubectl.names("levitate")
