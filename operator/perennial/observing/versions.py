"""ModelVersions as the plans of other kinds see them."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from perennial.api.manifest import Manifest
from perennial.api.model_version import ModelVersionSpec, ModelVersionStatus
from perennial.api.times import to_datetime
from perennial.observing.specs import Memo, Parsed
from perennial.planning.model_version.version import Version


class UnreadableError(Exception):
    """A ModelVersion has no valid spec: another release of the operator may have made it."""


class Versions:
    """Reads ModelVersions, each once until it changes."""

    def __init__(self) -> None:
        self._specs = Parsed(ModelVersionSpec.model_validate)
        self._memo: Memo[Version] = Memo()

    def readable(self, manifests: Iterable[Manifest]) -> Iterator[Version]:
        """Yield the versions with a valid spec; the others report what is wrong themselves."""
        for manifest in manifests:
            try:
                yield self._of(manifest)
            except ValidationError:
                continue

    def all_of(self, manifests: Iterable[Manifest]) -> Iterator[Version]:
        """Yield the versions.

        Raises:
            UnreadableError: one has no valid spec. The mistake is not one of its owner's spec,
                which a ValidationError would say.

        """
        for manifest in manifests:
            try:
                yield self._of(manifest)
            except ValidationError as error:
                raise UnreadableError(f"{manifest['metadata']['name']}: {error}") from error

    def _of(self, manifest: Manifest) -> Version:
        metadata = manifest["metadata"]
        return self._memo.get(
            metadata["uid"], metadata["resourceVersion"], lambda: self._read(manifest)
        )

    def _read(self, manifest: Manifest) -> Version:
        metadata = manifest["metadata"]
        return Version(
            name=metadata["name"],
            uid=metadata["uid"],
            spec=self._specs.of(manifest),
            status=_status(manifest),
            created_at=to_datetime(created)
            if (created := metadata.get("creationTimestamp"))
            else None,
        )


def _status(manifest: Manifest) -> ModelVersionStatus:
    try:
        return ModelVersionStatus.model_validate(manifest.get("status") or {})
    except ValidationError:  # not of this operator's making; the version's own reconciler mends it
        return ModelVersionStatus()
