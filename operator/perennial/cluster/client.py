"""The narrow seam to the API server; `kubernetes.aio` stands behind it."""

import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

import aiohttp

from perennial.api.manifest import Manifest
from perennial.cluster.api import APPLY, JSON_PATCH, ONLY_METADATA, Api
from perennial.cluster.errors import Conflict, Expired, Invalid
from perennial.cluster.events import Events
from perennial.cluster.resources import RESOURCES

OBJECTS_MANAGER = "perennial"
STATUS_MANAGER = "perennial-status"

_PAGE = 500
_PROBE = aiohttp.ClientTimeout(total=2)


class Listing(NamedTuple):
    """All objects of a kind at one moment."""

    items: tuple[Manifest, ...]
    version: int


class Cluster(Protocol):
    """All that the operator ever asks of a cluster."""

    async def list(self, kind: str, namespace: str | None = None) -> Listing:
        """Return every object of ours of this kind."""

    async def heads(self, kind: str, namespace: str | None = None) -> Listing:
        """Return the metadata alone of every object of ours of this kind."""

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """Return one object."""

    async def create(self, manifest: Manifest) -> Manifest:
        """Make an object that must not exist yet."""

    async def apply(self, manifest: Manifest) -> Manifest:
        """Server-side apply under the operator's field manager, forcing conflicts."""

    async def apply_status(self, manifest: Manifest) -> Manifest:
        """Server-side apply of the status of the very object version that was read."""

    async def replace_status(self, manifest: Manifest) -> Manifest:
        """Replace the whole status, whoever wrote it."""

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> Manifest | None:
        """Delete the object with this uid; return it if it takes its time, None if it is gone."""

    async def announce(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        """Tell people, by a Kubernetes Event."""

    async def events(self, namespace: str, uid: str) -> tuple[Manifest, ...]:
        """Return the Kubernetes Events about one object."""

    async def answers(self, host: str, port: int, path: str) -> bool:
        """Tell whether a GET to this address of the cluster succeeds within two seconds."""


class ApiCluster:
    """The cluster behind an API server."""

    def __init__(self, api: Api, events: Events) -> None:
        """Speak through this connection."""
        self._api = api
        self._events = events
        self._probe: aiohttp.ClientSession | None = None

    async def list(self, kind: str, namespace: str | None = None) -> Listing:
        """Return every object of ours of this kind."""
        return await self._listing(kind, namespace, "application/json")

    async def heads(self, kind: str, namespace: str | None = None) -> Listing:
        """Return the metadata alone of every object of ours of this kind."""
        return await self._listing(kind, namespace, ONLY_METADATA)

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """Return one object."""
        return await self._api.request("GET", RESOURCES[kind].path(namespace, name))

    async def create(self, manifest: Manifest) -> Manifest:
        """Make an object that must not exist yet."""
        path = RESOURCES[manifest["kind"]].path(manifest["metadata"]["namespace"])
        query = {"fieldManager": OBJECTS_MANAGER}
        return await self._api.request("POST", path, manifest, query=query)

    async def apply(self, manifest: Manifest) -> Manifest:
        """Server-side apply under the operator's field manager, forcing conflicts."""
        try:
            return await self._apply(manifest, "", OBJECTS_MANAGER)
        except Invalid as error:
            if "metadata.uid" in str(error):  # the namesake of what was meant
                raise Conflict(str(error)) from error
            raise

    async def apply_status(self, manifest: Manifest) -> Manifest:
        """Server-side apply of the status of the very object version that was read."""
        return await self._apply(manifest, "status", STATUS_MANAGER)

    async def replace_status(self, manifest: Manifest) -> Manifest:
        """Replace the whole status, whoever wrote it."""
        version = manifest["metadata"]["resourceVersion"]
        patch: list[Manifest] = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": manifest["status"]},
        ]
        query = {"fieldManager": STATUS_MANAGER}
        path = _path_of(manifest, "status")
        try:
            return await self._api.request(
                "PATCH", path, patch, content_type=JSON_PATCH, query=query
            )
        except Invalid as error:  # a failed test is reported as an invalid patch
            raise Conflict(str(error)) from error

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> Manifest | None:
        """Delete the object with this uid; return it if it takes its time, None if it is gone."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid},
        }
        answer = await self._api.request("DELETE", RESOURCES[kind].path(namespace, name), options)
        is_leaving = "deletionTimestamp" in answer.get("metadata", {})
        return answer if is_leaving else None  # without it: a last look at what is gone

    async def announce(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        """Tell people, by a Kubernetes Event."""
        await self._events.announce(about, type_, reason, message)

    async def events(self, namespace: str, uid: str) -> tuple[Manifest, ...]:
        """Return the Kubernetes Events about one object."""
        path = RESOURCES["Event"].path(namespace)
        query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": str(_PAGE)}
        return tuple((await self._api.request("GET", path, query=query)).get("items") or ())

    async def answers(self, host: str, port: int, path: str) -> bool:
        """Tell whether a GET to this address of the cluster succeeds within two seconds."""
        address = ipaddress.ip_address(host)  # never a name: nobody else decides where this goes
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        if self._probe is None:
            self._probe = aiohttp.ClientSession(timeout=_PROBE, trust_env=False)
        url = f"http://{literal}:{port}{path}"
        try:
            async with self._probe.get(url, allow_redirects=False) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()
        if self._probe is not None:
            await self._probe.close()

    async def _apply(self, manifest: Manifest, subresource: str, manager: str) -> Manifest:
        query = {"fieldManager": manager, "force": "true"}
        path = _path_of(manifest, subresource)
        return await self._api.request("PATCH", path, manifest, content_type=APPLY, query=query)

    async def _listing(self, kind: str, namespace: str | None, accept: str) -> Listing:
        while True:
            try:
                return await self._pages(kind, namespace, accept)
            except Expired:  # the continue token outlived the server's memory
                continue

    async def _pages(self, kind: str, namespace: str | None, accept: str) -> Listing:
        resource = RESOURCES[kind]
        query = {"limit": str(_PAGE)}
        if resource.label_selector:
            query["labelSelector"] = resource.label_selector
        items: list[Manifest] = []
        while True:
            page = await self._api.request(
                "GET", resource.path(namespace), accept=accept, query=query
            )
            items.extend(_typed(item, resource.api_version, kind) for item in page["items"] or ())
            metadata: Mapping[str, Any] = page["metadata"]
            if not metadata.get("continue"):
                return Listing(tuple(items), int(metadata["resourceVersion"]))
            query["continue"] = metadata["continue"]


def _path_of(manifest: Manifest, subresource: str) -> str:
    metadata = manifest["metadata"]
    return RESOURCES[manifest["kind"]].path(metadata["namespace"], metadata["name"], subresource)


def _typed(item: Manifest, api_version: str, kind: str) -> Manifest:
    """Return an item of a list with the type that lists leave out."""
    return {**item, "apiVersion": api_version, "kind": kind}
