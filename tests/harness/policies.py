"""The chart's admission policies of Decisions, in force in one namespace alone."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness import patience, tools
from harness.api import Manifest, RefusedError
from harness.chart import Release, Values
from harness.cluster import Cluster
from harness.kubectl import Kubectl
from perennial.cluster.admission import NOT_THE_AUTHOR
from perennial.generate.policies import AUTHOR

KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
FORGED: Manifest = {
    "apiVersion": "perennial.dev/v1alpha1",
    "kind": "Decision",
    "metadata": {"generateName": "forged-"},
    "spec": {
        "subject": {"kind": "ModelDeployment", "name": "nothing", "revision": "0" * 10},
        "verdict": "Promote",
        "by": "another user",
    },
}


@contextmanager
def enforced(cluster: Cluster, kubectl: Kubectl) -> Iterator[None]:
    """Install what the chart makes, under names of its own, and remove it at the end."""
    tools.ensure()
    release = Release(cluster, f"test-{secrets.token_hex(4)}", kubectl.namespace)
    stores = {"default": {"bucket": "models"}}
    values: Values = {"stores": stores, "watchNamespaces": [kubectl.namespace]}
    rendered: list[Manifest] = [each for each in release.render(values) if each["kind"] in KINDS]
    # What is applied first is in force first: when the policy about the author is, all are.
    rendered.sort(key=lambda each: each["metadata"]["name"] == f"{release.name}-{AUTHOR.name}")
    try:
        kubectl.apply(rendered)
        _wait(kubectl)
        yield
    finally:
        for each in rendered:
            kubectl.delete(each["kind"], each["metadata"]["name"])


def _wait(kubectl: Kubectl) -> None:
    """Wait until a forged Decision is refused for its author.

    New policies need about a second; until their parameters are known, they refuse everything.
    """
    deadline = patience.deadline(30)
    while NOT_THE_AUTHOR not in (said := _refusal(kubectl)):
        if time.monotonic() > deadline:
            raise AssertionError(f"the policies of Decisions are not in force: {said}")
        time.sleep(0.1)


def _refusal(kubectl: Kubectl) -> str:
    path = kubectl.api.resource("Decision").path(kubectl.namespace)
    try:
        kubectl.api.request("POST", path, FORGED, query={"dryRun": "All"})
    except RefusedError as refusal:
        return str(refusal)
    return "a forgery was taken"
