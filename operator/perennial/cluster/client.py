"""The cluster behind an API server: each operation becomes one request, a list one per page."""

from collections.abc import Mapping
from typing import Any

from perennial.api.manifest import Manifest
from perennial.cluster.api import APPLY, JSON_PATCH, ONLY_METADATA, Api
from perennial.cluster.apply_body import apply_body
from perennial.cluster.errors import ConflictError, ExpiredError, InvalidError
from perennial.cluster.events import Events
from perennial.cluster.protocols import Listing
from perennial.cluster.resources import RESOURCES

OBJECTS_MANAGER = "perennial"
STATUS_MANAGER = "perennial-status"

_PAGE = 500


class ApiCluster:
    """Reads, writes and Events of one API server; the Protocols describe the methods."""

    def __init__(self, api: Api, events: Events) -> None:
        self._api = api
        self._events = events

    async def list(self, kind: str, namespace: str | None = None) -> Listing:
        return await self._listing(kind, namespace, "application/json")

    async def heads(self, kind: str, namespace: str | None = None) -> Listing:
        return await self._listing(kind, namespace, ONLY_METADATA)

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        return await self._api.request("GET", RESOURCES[kind].path(namespace, name))

    async def create(self, manifest: Manifest) -> Manifest:
        path = RESOURCES[manifest["kind"]].path(manifest["metadata"]["namespace"])
        query = {"fieldManager": OBJECTS_MANAGER}
        return await self._api.request("POST", path, manifest, query=query)

    async def apply(self, manifest: Manifest) -> Manifest:
        try:
            return await self._apply(manifest, "", OBJECTS_MANAGER)
        except InvalidError as error:
            if "metadata.uid" in str(error):  # another object of the same name
                raise ConflictError(str(error)) from error
            raise

    async def apply_status(self, manifest: Manifest) -> Manifest:
        return await self._apply(manifest, "status", STATUS_MANAGER)

    async def replace_status(self, manifest: Manifest) -> Manifest:
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
        except InvalidError as error:  # a failed test is reported as an invalid patch
            raise ConflictError(str(error)) from error

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> Manifest | None:
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid},
        }
        response = await self._api.request("DELETE", RESOURCES[kind].path(namespace, name), options)
        is_leaving = "deletionTimestamp" in response.get("metadata", {})
        return response if is_leaving else None  # else: the last state of a deleted object

    async def post_event(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        await self._events.post(about, type_, reason, message)

    async def events(self, namespace: str, uid: str) -> tuple[Manifest, ...]:
        path = RESOURCES["Event"].path(namespace)
        query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": str(_PAGE)}
        return tuple((await self._api.request("GET", path, query=query)).get("items") or ())

    async def close(self) -> None:
        """Close all connections."""
        await self._api.close()

    async def _apply(self, manifest: Manifest, subresource: str, manager: str) -> Manifest:
        query = {"fieldManager": manager, "force": "true"}
        path = _path_of(manifest, subresource)
        body = apply_body(manifest)
        return await self._api.request("PATCH", path, body, content_type=APPLY, query=query)

    async def _listing(self, kind: str, namespace: str | None, accept: str) -> Listing:
        while True:
            try:
                return await self._pages(kind, namespace, accept)
            except ExpiredError:  # the continue token is older than the server's history
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
    """Return an item of a list with its type, which lists omit."""
    return {**item, "apiVersion": api_version, "kind": kind}
