"""The versions of a Model: which one is current, and which may go."""

from collections.abc import Collection, Sequence

from perennial.api.scalars import Digest
from perennial.planning.model.inputs import Data
from perennial.planning.model_version.version import Version


def current(versions: Sequence[Version], training: Digest, data: Data) -> Version | None:
    """Return the newest version of the current inputs: no training is needed while there is one."""
    matching = [version for version in versions if _is_current(version, training, data)]
    return max(matching, key=_number, default=None)


def newest_ready(versions: Sequence[Version]) -> Version | None:
    """Return the newest version that may be served."""
    return max((version for version in versions if version.is_ready), key=_number, default=None)


def surplus(versions: Sequence[Version], keep: int, protected: Collection[str]) -> list[Version]:
    """Return the versions beyond the `keep` newest, except protected ones."""
    newest_first = sorted(versions, key=_number, reverse=True)
    return [version for version in newest_first[keep:] if version.name not in protected]


def _is_current(version: Version, training: Digest, data: Data) -> bool:
    """Return whether a version has the current inputs; a fresh snapshot alone changes nothing."""
    inputs = version.spec.inputs
    if inputs.training.digest != training:
        return False
    return inputs.dataset.contract == data.contract or (
        data.snapshot is not None
        and data.snapshot.contract == data.contract
        and inputs.dataset.digest == data.snapshot.digest
    )


def _number(version: Version) -> int:
    return version.number
