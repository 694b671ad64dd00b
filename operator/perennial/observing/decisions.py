"""Decisions as the plans of other kinds see them."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from perennial.api.decision import DecisionSpec, DecisionStatus
from perennial.api.manifest import Manifest
from perennial.api.times import to_datetime
from perennial.observing.specs import Parsed
from perennial.planning.decision.decision import Decision


class Decisions:
    """Reads Decisions; their specs are parsed once, as they are immutable."""

    def __init__(self) -> None:
        self._specs = Parsed(DecisionSpec.model_validate)

    def of(self, manifest: Manifest) -> Decision:
        """Return one Decision.

        Raises:
            ValidationError: The spec or the status is invalid.

        """
        metadata = manifest["metadata"]
        return Decision(
            name=metadata["name"],
            uid=metadata["uid"],
            created_at=to_datetime(metadata["creationTimestamp"]),
            spec=self._specs.of(manifest),
            status=DecisionStatus.model_validate(manifest.get("status") or {}),
        )

    def about(self, manifests: Iterable[Manifest], kind: str, name: str) -> Iterator[Decision]:
        """Yield the valid Decisions about one object; the others report what is wrong."""
        for manifest in manifests:
            subject = (manifest.get("spec") or {}).get("subject") or {}
            if (subject.get("kind"), subject.get("name")) != (kind, name):
                continue
            try:
                yield self.of(manifest)
            except ValidationError:
                continue
