"""The sides of a cluster: reading objects, writing objects, and reading what is not watched."""

from typing import NamedTuple, Protocol

from perennial.api.manifest import Manifest


class Listing(NamedTuple):
    """The objects of one kind at one resource version."""

    items: tuple[Manifest, ...]
    version: int


class ClusterReader(Protocol):
    """Reads objects; of built-in kinds only those with the operator's label are listed."""

    async def list(self, kind: str, namespace: str | None = None) -> Listing:
        """Return the objects of a kind in one namespace, or in all of them."""

    async def heads(self, kind: str, namespace: str | None = None) -> Listing:
        """Return the same objects with their metadata only."""

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """Return one object; raise NotFoundError when it does not exist."""


class ClusterWriter(Protocol):
    """Writes objects; every write raises FencedError when this replica does not hold the lease."""

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object; raise AlreadyExistsError when its name is taken."""

    async def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """Return the object that took the name of one to be created."""

    async def apply(self, manifest: Manifest) -> Manifest:
        """Apply an object server-side as the operator's field manager, forcing conflicts."""

    async def apply_status(self, manifest: Manifest) -> Manifest:
        """Apply a status; raise ConflictError when the object has changed since it was read."""

    async def replace_status(self, manifest: Manifest) -> Manifest:
        """Replace the whole status, including the fields of other managers."""

    async def delete(self, kind: str, namespace: str, name: str, uid: str) -> Manifest | None:
        """Delete the object with this uid; return it while its deletion is still in progress."""

    async def post_event(self, about: Manifest, type_: str, reason: str, message: str) -> None:
        """Post a Kubernetes Event about an object."""


class EventReader(Protocol):
    """Reads Events, which are not watched: there are too many, and few are needed."""

    async def events(self, namespace: str, uid: str) -> tuple[Manifest, ...]:
        """Return the Kubernetes Events about the object with this uid."""


class Admission(Protocol):
    """Finds out whether the API server refuses forged Decisions."""

    async def is_enforced(self, namespace: str) -> bool:
        """Return whether the admission policies of Decisions are in force in a namespace."""


class Discovery(Protocol):
    """Tells the kinds that exist on this cluster."""

    async def served_kinds(self) -> tuple[str, ...]:
        """Return those of the WATCHABLE kinds that the API server serves, in that order."""
