"""The objects of a store, or the files of a volume, that belong to a source."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from perennial.api.dataset import Format, ObjectSource, VolumeSource
from perennial.api.reasons import JobReason
from perennial.artifacts.store import StoredObject
from perennial.jobs.progress import log_progress
from perennial.jobs.report import JobFailure

Place = ObjectSource | VolumeSource

_FORMATS: Final[dict[str, Format]] = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".csv": "CSV",
    ".jsonl": "JSONLines",
    ".ndjson": "JSONLines",
    ".json": "JSONLines",
}
_COMPRESSED: Final = (".gz", ".bz2", ".zst")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One object with rows."""

    key: str
    name: str
    """The key without the store's prefix."""
    bytes: int
    format: Format

    @property
    def suffix(self) -> str:
        """The suffix of its compression; empty if it is not compressed."""
        suffix = PurePosixPath(self.key).suffix.lower()
        return suffix if suffix in _COMPRESSED else ""


def choose(place: Place, found: Sequence[StoredObject], prefix: str, where: str) -> list[Chosen]:
    """Return the objects of a source, of all whose keys begin with its path."""
    path = f"{prefix}{place.path}"
    if place.path.endswith("/"):
        listed = [
            item for item in found if item.bytes and not _is_hidden(item.key.removeprefix(path))
        ]
        chosen = [*_of_one_format(place, listed, prefix)]
        if not chosen:
            raise _not_found(_why_none(place, found, listed, where))
        return chosen
    for item in found:
        if item.key == path:
            return [_single(place, item, prefix)]
    folder = any(item.key.startswith(f"{path}/") for item in found)
    hint = "; it is a prefix: end path with '/'" if folder else ": upload it, or correct the path"
    raise _not_found(f"{where} holds no {place.path}{hint}")


def _why_none(
    place: Place, found: Sequence[StoredObject], listed: Sequence[StoredObject], where: str
) -> str:
    if listed:
        wanted = place.format or "a known format (.parquet, .csv, .jsonl)"
        return (
            f"{where} holds {len(listed)} objects under {place.path}, none of them {wanted}; "
            "correct the path or the format"
        )
    empty = "only empty ones" if found else "none"
    return (
        f"{where} should hold objects with rows under {place.path} and holds {empty}: upload "
        "files, or correct the path"
    )


def _single(place: Place, item: StoredObject, prefix: str) -> Chosen:
    if not item.bytes:
        raise JobFailure(
            JobReason.UNREADABLE_DATA, f"{place.path} is empty: upload a file with rows"
        )
    kind = place.format or format_of(item.key)
    if kind is None:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"the suffix of {place.path} does not tell its format: set format of the source to "
            "Parquet, CSV or JSONLines",
            in_spec=True,
        )
    return Chosen(item.key, item.key.removeprefix(prefix), item.bytes, kind)


def _of_one_format(place: Place, listed: Iterable[StoredObject], prefix: str) -> Iterator[Chosen]:
    """Yield the objects of the declared or the only known format; log the others."""
    seen: dict[Format, str] = {}
    for item in sorted(listed):
        name = item.key.removeprefix(prefix)
        by_suffix = format_of(item.key)
        kind = place.format or by_suffix
        if kind is None or (by_suffix is not None and by_suffix != kind):
            log_progress(f"left out {name}: its suffix is of another format")
            continue
        seen.setdefault(kind, name)
        if len(seen) > 1:
            raise JobFailure(
                JobReason.UNREADABLE_DATA,
                f"{place.path} mixes formats, such as {' and '.join(seen.values())}: set format "
                "of the source to the one that is meant",
            )
        yield Chosen(item.key, name, item.bytes, kind)


def format_of(name: str) -> Format | None:
    """Return the format of a suffix; None if it is unknown."""
    path = PurePosixPath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _FORMATS.get(path.suffix)


def _is_hidden(below: str) -> bool:
    """Return whether a name is a marker file, such as _SUCCESS and .part.crc."""
    return below.endswith("/") or any(part.startswith((".", "_")) for part in below.split("/"))


def _not_found(message: str) -> JobFailure:
    return JobFailure(JobReason.SOURCE_NOT_FOUND, message)
