"""A namespace where the policies are in force, ModelDeployments in it, and people with roles."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from builders.examples import Manifest
from harness import patience, policies
from harness.api import Api, RefusedError
from harness.cluster import Cluster
from harness.fixtures import fresh_namespace
from harness.kubectl import Kubectl
from integration.crds.conftest import place
from perennial.api.schema import API_VERSION, GROUP
from perennial.cluster.rbac import RULES

__all__ = ["place"]

STABLE, CANDIDATE, REJECTED = "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"
RBAC = "rbac.authorization.k8s.io"
READ = ("get", "list", "watch")
VERDICTS = ("promote", "abort", "retry", "rollback", "override", "pause", "resume")
WRITE = (*READ, "create", "update", "patch", "delete", "deletecollection")


def rule(
    resources: tuple[str, ...], verbs: tuple[str, ...], names: tuple[str, ...] = ()
) -> Manifest:
    made = {"apiGroups": [GROUP], "resources": list(resources), "verbs": list(verbs)}
    return {**made, "resourceNames": list(names)} if names else made


DECIDE = rule(("decisions",), WRITE)
ROLES: dict[str, list[Manifest]] = {
    "alice": [DECIDE, rule(("modeldeployments",), VERDICTS)],
    "bob": [DECIDE, rule(("modeldeployments",), (*WRITE, "promote"))],
    "carol": [DECIDE, rule(("modeldeployments",), VERDICTS, ("fraud",))],
    "mallory": [DECIDE, rule(("decisions/status", "modeldeployments"), WRITE)],
    "auditor": [DECIDE, rule(("decisions",), ("purge",))],
    "star": [rule(("*",), ("*",))],
    "robot": [DECIDE, rule(("decisions/status",), WRITE), rule(("modeldeployments",), VERDICTS)],
    "operator": [each.manifest() for each in RULES],
}
"""What each may do in the namespace; robot and operator are ServiceAccounts."""

ACCOUNTS = ("robot", "operator")


@dataclass
class People:
    """The namespace, as each of them sees it."""

    cluster: Cluster
    namespace: str
    admin: Kubectl
    _connected: dict[str, Kubectl] = field(default_factory=dict)

    def user(self, who: str) -> str:
        """Return the name that the API server knows someone by."""
        if who in ACCOUNTS:
            return f"system:serviceaccount:{self.namespace}:{who}"
        return f"{who}@example.com"

    def __getitem__(self, who: str) -> Kubectl:
        if who not in self._connected:
            api = Api(self.cluster.kubeconfig(), impersonated=self.user(who))
            self._connected[who] = Kubectl(api, self.namespace)
        return self._connected[who]

    def close(self) -> None:
        for each in self._connected.values():
            each.api.close()


def role(people: People, who: str) -> list[Manifest]:
    """Return the role of one person and its binding."""
    name = {"metadata": {"name": who}}
    reference = {"apiGroup": RBAC, "kind": "Role", "name": who}
    subject = {"apiGroup": RBAC, "kind": "User", "name": people.user(who)}
    bound = {"roleRef": reference, "subjects": [subject]}
    return [
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", **name, "rules": ROLES[who]},
        {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", **name, **bound},
    ]


def deployment(name: str) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": "ModelDeployment",
        "metadata": {"name": name},
        "spec": {"model": {"name": name}},
    }


def mid_rollout() -> Manifest:
    """Return the status of a ModelDeployment that rolls something out and rejected something."""
    since = {"replicas": 1, "ready": 1, "since": "2026-12-01T00:00:00Z"}
    return {
        "observedGeneration": 1,
        "stable": {"version": "churn-1", "revision": STABLE, **since},
        "candidate": {"version": "churn-2", "revision": CANDIDATE, **since},
        "rejected": [
            {
                "version": "churn-0",
                "revision": REJECTED,
                "at": "2026-12-01T00:00:00Z",
                "reason": "GateFailed",
                "message": "errors",
            }
        ],
    }


@contextmanager
def populated(place: Kubectl, cluster: Cluster) -> Iterator[People]:
    """Make a namespace where the policies are in force, and everybody has their role."""
    with fresh_namespace(place.api) as kubectl, policies.enforced(cluster, kubectl):
        known = People(cluster, kubectl.namespace, kubectl)
        kubectl.apply([each for who in ROLES for each in role(known, who)])
        try:
            for who in ROLES:
                _may_read(known[who])
            yield known
        finally:
            known.close()


@pytest.fixture(scope="module")
def people(place: Kubectl, cluster: Cluster) -> Iterator[People]:
    """Return a namespace with churn in mid-rollout, and fraud that no operator has seen."""
    with populated(place, cluster) as known:
        known.admin.apply([deployment("churn"), deployment("fraud")])
        known.admin.patch("ModelDeployment", "churn", {"status": mid_rollout()}, "status")
        yield known


@pytest.fixture
def strangers(place: Kubectl, cluster: Cluster) -> Iterator[People]:
    """Return a namespace without any ModelDeployment."""
    with populated(place, cluster) as known:
        yield known


def _may_read(kubectl: Kubectl) -> None:
    """Wait until a new role holds."""
    deadline = patience.deadline(10)
    while True:
        try:
            kubectl.all("Decision")
        except RefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
