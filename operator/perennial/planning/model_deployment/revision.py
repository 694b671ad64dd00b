"""A revision: one ModelVersion with one server configuration, and its pods as they stand."""

from dataclasses import dataclass
from datetime import datetime

from perennial.api.digests import digest_of
from perennial.api.model_deployment import Server
from perennial.api.model_version import Artifact
from perennial.planning.pod.blocker import Blocker


@dataclass(frozen=True, slots=True)
class Definition:
    """What the pods of a revision are made of."""

    model: str
    version: str
    artifact: Artifact
    server: Server
    image: str

    @property
    def revision(self) -> str:
        """Return the identity: equal definitions have equal pods, so they share them."""
        digest = digest_of(
            {
                "version": self.version,
                "artifact": self.artifact.digest,
                "server": self.server.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                "image": self.image,
            }
        )
        return digest.removeprefix("sha256:")[:10]


@dataclass(frozen=True, slots=True)
class Running:
    """The Deployment of a revision, and its pods."""

    revision: str
    version: str
    wanted: int
    pods: int = 0
    ready: int = 0
    blocker: Blocker | None = None
    restarts: int = 0
    """The most restarts of a server among the pods that are not ready."""
    ready_since: datetime | None = None
    """When the youngest of the ready pods became ready."""
    served_until: datetime | None = None
    """When another revision took over from this one; None if it never was stable, or still is."""


@dataclass(frozen=True, slots=True)
class Child:
    """An object that belongs to one revision."""

    kind: str
    name: str
    uid: str
    revision: str
