"""Watches a namespace all through a test, and holds every change of a status against the truth."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.agreement import disagreements
from harness.api import Manifest
from harness.kubectl import Kubectl, condition

KINDS = ("Dataset", "Model", "ModelVersion", "ModelDeployment", "Decision")
_TURN_SECONDS = 2

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
    seen, over = Testimony(), threading.Event()
    watches = [_Watch(kubectl, kind, lacks, seen, over) for kind in KINDS]
    threads = [threading.Thread(target=watch.run) for watch in watches]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


@dataclass
class _Watch:
    """One kind, from the first state to the end of the test."""

    kubectl: Kubectl
    kind: str
    lacks: Lacks
    seen: Testimony
    over: threading.Event

    def run(self) -> None:
        """Follow the kind until the end; whatever ends it earlier is an objection too."""
        try:
            version = self._list()
            while not self.over.is_set():
                version = self._follow(version)
        except Exception as error:  # noqa: BLE001 - a witness that falls asleep must say so
            self._object(f"the watch of {self.kind} ended: {type(error).__name__}: {error}")

    def _list(self) -> str:
        listed = self.kubectl.api.request("GET", self._path)
        for item in listed["items"]:
            self._look({**item, "kind": self.kind})
        return str(listed["metadata"]["resourceVersion"])

    def _follow(self, version: str) -> str:
        """Look at what changes in the next moments; return the version that is seen by then."""
        query = {"resourceVersion": version}
        for event in self.kubectl.api.watch(self._path, query, _TURN_SECONDS):
            if event["type"] == "ERROR":  # such as: this version is too old by now
                return self._list()
            version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "DELETED":
                self._look(event["object"])
        return version

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
        now = self.kubectl.find(self.kind, manifest["metadata"]["name"])
        if now is not None and condition("Ready")(now):  # else it was so, and is not any more
            self._object(f"{_named(manifest)} is Ready, but {'; '.join(lacking)}")

    def _object(self, words: str) -> None:
        self.seen.objections.append(words)

    @property
    def _path(self) -> str:
        return self.kubectl.api.resource(self.kind).path(self.kubectl.namespace)


def _named(manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {metadata['name']} at version {metadata['resourceVersion']}"
