"""Which objects of a store, or files of a volume, a source means."""

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
    """What its owner calls it: the key without the store's prefix."""
    bytes: int
    format: Format

    @property
    def suffix(self) -> str:
        """The suffix that tells how it is compressed."""
        suffix = PurePosixPath(self.key).suffix.lower()
        return suffix if suffix in _COMPRESSED else ""


def choose(place: Place, found: Sequence[StoredObject], prefix: str, where: str) -> list[Chosen]:
    """Return the objects of one format that a source means, of all whose keys begin with it."""
    path = f"{prefix}{place.path}"
    if place.path.endswith("/"):
        listed = [one for one in found if one.bytes and not _is_hidden(one.key.removeprefix(path))]
        chosen = [*_of_one_format(place, listed, prefix)]
        if not chosen:
            raise _not_found(_why_none(place, found, listed, where))
        return chosen
    for one in found:
        if one.key == path:
            return [_single(place, one, prefix)]
    folder = any(one.key.startswith(f"{path}/") for one in found)
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


def _single(place: Place, one: StoredObject, prefix: str) -> Chosen:
    if not one.bytes:
        raise JobFailure(
            JobReason.UNREADABLE_DATA, f"{place.path} is empty: upload a file with rows"
        )
    kind = place.format or format_of(one.key)
    if kind is None:
        raise JobFailure(
            JobReason.INVALID_SPEC,
            f"the suffix of {place.path} does not tell its format: set format of the source to "
            "Parquet, CSV or JSONLines",
            in_spec=True,
        )
    return Chosen(one.key, one.key.removeprefix(prefix), one.bytes, kind)


def _of_one_format(place: Place, listed: Iterable[StoredObject], prefix: str) -> Iterator[Chosen]:
    """Leave out what is of another format than the one stated, or of none that is known."""
    seen: dict[Format, str] = {}
    for one in sorted(listed):
        name = one.key.removeprefix(prefix)
        told = format_of(one.key)
        kind = place.format or told
        if kind is None or (told is not None and told != kind):
            log_progress(f"left out {name}: its suffix is of another format")
            continue
        seen.setdefault(kind, name)
        if len(seen) > 1:
            raise JobFailure(
                JobReason.UNREADABLE_DATA,
                f"{place.path} mixes formats, such as {' and '.join(seen.values())}: set format "
                "of the source to the one that is meant",
            )
        yield Chosen(one.key, name, one.bytes, kind)


def format_of(name: str) -> Format | None:
    """Return the format that a suffix tells."""
    path = PurePosixPath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _FORMATS.get(path.suffix)


def _is_hidden(below: str) -> bool:
    """Tell whether a name is a marker or bookkeeping, as _SUCCESS and .part.crc are."""
    return below.endswith("/") or any(part.startswith((".", "_")) for part in below.split("/"))


def _not_found(message: str) -> JobFailure:
    return JobFailure(JobReason.SOURCE_NOT_FOUND, message)
