"""Every state of the objects of some kinds in a namespace, as it comes, all through a block."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.api import Manifest
from harness.kubectl import Kubectl
from harness.threads import running

See = Callable[[str, Manifest], None]
"""Takes the type of an event, and the object; the present objects come first, as ADDED."""
_TURN_SECONDS = 2


@contextmanager
def following(
    kubectl: Kubectl, kinds: Iterable[str], see: See, fail: Callable[[str], None]
) -> Iterator[None]:
    """Show every state to `see`, and to `fail` what ends a watch before the block is over."""
    over = threading.Event()
    watches = [_Watch(kubectl, kind, see, fail, over) for kind in kinds]
    with running([watch.run for watch in watches], over):
        yield


@dataclass
class _Watch:
    """One kind, from the first state to the end of the block."""

    kubectl: Kubectl
    kind: str
    see: See
    fail: Callable[[str], None]
    over: threading.Event

    def run(self) -> None:
        """Follow the kind until the end; whatever ends it earlier is a failure."""
        try:
            version = self._list()
            while not self.over.is_set():
                version = self._follow(version)
        except Exception as error:  # noqa: BLE001 - a test must know that it saw nothing any more
            self.fail(f"the watch of {self.kind} ended: {type(error).__name__}: {error}")

    def _list(self) -> str:
        listed = self.kubectl.api.request("GET", self._path)
        for item in listed["items"]:
            self.see("ADDED", {**item, "kind": self.kind})
        return str(listed["metadata"]["resourceVersion"])

    def _follow(self, version: str) -> str:
        """Show what changes in the next moments; return the version that is seen by then."""
        query = {"resourceVersion": version}
        for event in self.kubectl.api.watch(self._path, query, _TURN_SECONDS):
            if event["type"] == "ERROR":  # such as: this version is too old by now
                return self._list()
            version = event["object"]["metadata"]["resourceVersion"]
            self.see(event["type"], event["object"])
        return version

    @property
    def _path(self) -> str:
        return self.kubectl.api.resource(self.kind).path(self.kubectl.namespace)
