"""What a person does with kubectl, as verbs for tests; failures say what was last seen."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from harness import patience
from harness.api import MANAGER, Api, Manifest, RefusedError, Resource, is_missing

Manifests = str | Path | Manifest | Iterable[Manifest]
Until = str | Callable[[Manifest], bool]


@dataclass(frozen=True)
class Kubectl:
    """One namespace of a cluster, as one user."""

    api: Api
    namespace: str = "default"

    def apply(self, manifests: Manifests) -> list[Manifest]:
        """Make the cluster hold these objects, by server-side apply."""
        query = {"fieldManager": MANAGER, "force": "true"}
        return [
            self.api.request(
                "PATCH",
                self._path(manifest),
                manifest,
                query=query,
                content_type="application/apply-patch+yaml",
            )
            for manifest in documents(manifests)
        ]

    def create(self, manifest: Manifest) -> Manifest:
        """Create an object that must not exist yet."""
        resource = self.api.resource(manifest["kind"])
        namespace = manifest["metadata"].get("namespace", self.namespace)
        return self.api.request("POST", resource.path(namespace), manifest)

    def patch(self, kind: str, name: str, change: Manifest, subresource: str = "") -> Manifest:
        """Merge a change into an object."""
        return self.api.request(
            "PATCH",
            self.api.resource(kind).path(self.namespace, name, subresource),
            change,
            content_type="application/merge-patch+json",
        )

    def scale(self, kind: str, name: str, replicas: int) -> None:
        """Ask for this many replicas, as `kubectl scale` and autoscalers do."""
        self.patch(kind, name, {"spec": {"replicas": replicas}}, "scale")

    def get(self, kind: str, name: str) -> Manifest:
        """Return an object that must be there."""
        return self.api.request("GET", self.api.resource(kind).path(self.namespace, name))

    def find(self, kind: str, name: str) -> Manifest | None:
        """Return an object, or nothing when it is not there."""
        try:
            return self.get(kind, name)
        except RefusedError as refusal:
            if is_missing(refusal):
                return None
            raise

    def all(self, kind: str, labels: str = "", fields: str = "") -> list[Manifest]:
        """Return all objects of a kind with these labels and fields."""
        path = self.api.resource(kind).path(self.namespace)
        query = {"labelSelector": labels, "fieldSelector": fields}
        items: list[Manifest] = self.api.request("GET", path, query=query)["items"]
        return items

    def delete(self, kind: str, name: str) -> None:
        """Ask for the end of an object, and of what it owns in the background."""
        options = {"propagationPolicy": "Background"}
        path = self.api.resource(kind).path(self.namespace, name)
        try:
            self.api.request("DELETE", path, options)
        except RefusedError as refusal:
            if not is_missing(refusal):
                raise

    def wait_for(self, kind: str, name: str, until: Until, seconds: float = 60) -> Manifest:
        """Wait until a condition ("Ready", "Ready=False") holds, or the function says so."""
        is_reached = condition(until) if isinstance(until, str) else until
        last: Manifest | None = None
        for last in self._versions(kind, name, seconds):
            if last is not None and is_reached(last):
                return last
        wanted = until if isinstance(until, str) else (until.__doc__ or until.__name__)
        raise AssertionError(
            f"{kind} {name}: not {wanted} in {seconds:.0f} s\n{self._situation(kind, last)}"
        )

    def wait_gone(self, kind: str, name: str, seconds: float = 60) -> None:
        """Wait until an object is no more."""
        for last in self._versions(kind, name, seconds):
            if last is None:
                return
        raise AssertionError(f"{kind} {name} is still there after {seconds:.0f} s")

    def logs(self, pod: str, container: str = "", *, previous: bool = False) -> str:
        """Return what a container has printed."""
        query = {"container": container} if container else {}
        if previous:
            query["previous"] = "true"
        return self.api.text(self.api.resource("Pod").path(self.namespace, pod, "log"), query)

    def events(self, about: str = "") -> list[Manifest]:
        """Return the Events of the namespace, or those about one object."""
        return self.all("Event", fields=f"involvedObject.name={about}" if about else "")

    def _versions(self, kind: str, name: str, seconds: float) -> Iterator[Manifest | None]:
        """Yield each state of an object, first the present one; nothing while it is not there."""
        deadline = patience.deadline(seconds)
        path = self.api.resource(kind).path(self.namespace)
        only = {"fieldSelector": f"metadata.name={name}"}
        while True:
            listed = self.api.request("GET", path, query=only)
            yield next(iter(listed["items"]), None)
            left = deadline - time.monotonic()
            if left <= 0:
                return
            since = {**only, "resourceVersion": listed["metadata"]["resourceVersion"]}
            yield from self._changes(path, since, left)

    def _changes(self, path: str, query: dict[str, str], left: float) -> Iterator[Manifest | None]:
        try:
            for event in self.api.watch(path, query, int(left) + 1):
                if event["type"] == "ERROR":  # such as: this version is too old by now
                    return
                yield None if event["type"] == "DELETED" else event["object"]
        except httpx.TransportError:
            return  # the watch was cut; the caller looks again

    def _path(self, manifest: Manifest) -> str:
        metadata = manifest["metadata"]
        resource: Resource = self.api.resource(manifest["kind"])
        return resource.path(metadata.get("namespace", self.namespace), metadata["name"])

    def _situation(self, kind: str, last: Manifest | None) -> str:
        if last is None:
            return "it is not there"
        name = last["metadata"]["name"]
        told = [
            f"{event['type']} {event['reason']}: {event['message']}" for event in self.events(name)
        ]
        status = yaml.safe_dump(last.get("status"), sort_keys=False, allow_unicode=True)
        return "\n".join([f"last status of the {kind}:", status, *told[-8:]])


def documents(manifests: Manifests) -> list[Manifest]:
    """Return manifests from YAML text, a file, one object or several."""
    if isinstance(manifests, Path):
        manifests = manifests.read_text()
    if isinstance(manifests, str):
        return [document for document in yaml.safe_load_all(manifests) if document]
    return [manifests] if isinstance(manifests, dict) else list(manifests)


def condition(wanted: str) -> Callable[[Manifest], bool]:
    """Return a test for a condition that is true for the current generation of an object."""
    type_, _, status = wanted.partition("=")

    def holds(manifest: Manifest) -> bool:
        found = conditions(manifest).get(type_)
        if found is None:
            return False
        seen = found.get("observedGeneration", manifest["metadata"].get("generation"))
        current = seen == manifest["metadata"].get("generation")
        return current and bool(found["status"] == (status or "True"))

    return holds


def conditions(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Return an object's conditions by type."""
    return {item["type"]: item for item in manifest.get("status", {}).get("conditions") or ()}
