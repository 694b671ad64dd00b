"""A team that works with Perennial in a namespace of its own: what it does and what it sees."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness import patience
from harness.bucket import Bucket
from harness.kubectl import Kubectl, Manifests, conditions

Manifest = dict[str, Any]

SETTLED = ("Dataset", "Model", "ModelVersion", "ModelDeployment", "Job", "Deployment", "Service")
"""What nobody writes to once it is settled."""

TRAINED = 300
"""Seconds within which two Jobs and a start of servers end, on a busy machine."""


@dataclass(frozen=True)
class Team:
    """One namespace, and a folder of the bucket that only this team uses."""

    kubectl: Kubectl
    bucket: Bucket

    @property
    def folder(self) -> str:
        """Where the team's raw data stands."""
        return f"raw/{self.kubectl.namespace}/"

    def uploads(self, name: str, content: bytes | str) -> str:
        """Put a file into the team's folder and return the path for a manifest."""
        self.bucket.put(f"{self.folder}{name}", content)
        return f"{self.folder}{name}"

    def removes(self, path: str) -> None:
        """Take a file out of the bucket."""
        self.bucket.delete([path])

    def applies(self, *manifests: Manifests) -> None:
        """Apply manifests."""
        for manifest in manifests:
            self.kubectl.apply(manifest)

    def changes(self, kind: str, name: str, **spec: Any) -> None:
        """Merge a change into a spec."""
        self.kubectl.patch(kind, name, {"spec": spec})

    def waits(
        self, kind: str, name: str, until: str = "Ready", seconds: float = TRAINED
    ) -> Manifest:
        """Wait for a condition."""
        return self.kubectl.wait_for(kind, name, until, seconds)

    def waits_for_reason(
        self, kind: str, name: str, reason: str, seconds: float = TRAINED
    ) -> Manifest:
        """Wait until an object gives a reason in any of its conditions."""

        def gives_reason(manifest: Manifest) -> bool:
            current = manifest.get("status", {}).get("observedGeneration")
            stated = conditions(manifest).values()
            return current == manifest["metadata"]["generation"] and any(
                condition["reason"] == reason for condition in stated
            )

        gives_reason.__doc__ = f"reason {reason}"
        return self.kubectl.wait_for(kind, name, gives_reason, seconds)

    def versions(self, model: str) -> list[Manifest]:
        """Return a Model's versions, oldest first."""
        found = self.kubectl.all("ModelVersion", fields=f"spec.model.name={model}")
        return sorted(found, key=lambda version: version["spec"]["number"])

    def resource_versions(self) -> dict[tuple[str, str], str]:
        """Return the version of everything of ours that stays as it is; a write changes it."""
        return {
            (kind, found["metadata"]["name"]): found["metadata"]["resourceVersion"]
            for kind in SETTLED
            for found in self.kubectl.all(kind)
            if found["metadata"].get("labels", {}).get("app.kubernetes.io/name") != "perennial"
        }

    def settles(self, quiet: float = 4, seconds: float = 90) -> dict[tuple[str, str], str]:
        """Wait until nothing has changed for some seconds; return the versions of everything."""
        deadline = patience.deadline(seconds)
        versions, since = self.resource_versions(), time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > deadline:
                raise AssertionError(f"something still changes after {seconds:.0f} s")
            time.sleep(0.5)
            now = self.resource_versions()
            if now != versions:
                versions, since = now, time.monotonic()
        return versions

    def jobs(self, name: str) -> list[Manifest]:
        """Return the Jobs that were made for an object."""
        return self.kubectl.all("Job", labels=f"perennial.dev/name={name}")


def message(manifest: Manifest, kind: str = "Ready") -> str:
    """Return what a condition says."""
    return str(conditions(manifest)[kind]["message"])


def eventually(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until something holds that no single object tells."""
    deadline = patience.deadline(seconds)
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)
