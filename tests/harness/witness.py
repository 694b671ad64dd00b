"""Watches a namespace all through a test, and holds every change of a status against the truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.agreement import disagreements
from harness.api import Manifest
from harness.following import following
from harness.kubectl import Kubectl, condition

KINDS = ("Dataset", "Model", "ModelVersion", "ModelDeployment", "Decision")

Lacks = Callable[[Manifest], list[str]]


@dataclass
class Testimony:
    """What was seen so far."""

    states: int = 0
    """States of objects that were looked at; each change of a status is one."""
    ready: int = 0
    """How many of them said Ready, and were held against the truth."""
    objections: list[str] = field(default_factory=list)
    """Where a status contradicted itself or the truth."""


@contextmanager
def watching(kubectl: Kubectl, lacks: Lacks) -> Iterator[Testimony]:
    """Look at every state of every object of ours in the namespace, as it comes."""
    seen = Testimony()
    witness = _Witness(kubectl, lacks, seen)
    with following(kubectl, KINDS, witness.see, seen.objections.append):
        yield seen


@dataclass
class _Witness:
    """What looks at each state."""

    kubectl: Kubectl
    lacks: Lacks
    seen: Testimony

    def see(self, event: str, manifest: Manifest) -> None:
        """Look at an object that is still there."""
        if event != "DELETED":
            self._look(manifest)

    def _look(self, manifest: Manifest) -> None:
        self.seen.states += 1
        for said in disagreements(manifest):
            self._object(f"{_named(manifest)}: {said}")
        if condition("Ready")(manifest) and not manifest["metadata"].get("deletionTimestamp"):
            self.seen.ready += 1
            self._hold_against_the_truth(manifest)

    def _hold_against_the_truth(self, manifest: Manifest) -> None:
        lacking = self.lacks(manifest)
        if not lacking:
            return
        now = self.kubectl.find(manifest["kind"], manifest["metadata"]["name"])
        if now is not None and condition("Ready")(now):  # else it was so, and is not any more
            self._object(f"{_named(manifest)} is Ready, but {'; '.join(lacking)}")

    def _object(self, words: str) -> None:
        self.seen.objections.append(words)


def _named(manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {metadata['name']} at version {metadata['resourceVersion']}"
