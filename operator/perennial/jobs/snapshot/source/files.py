"""Which files prepare leaves to work."""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field

from perennial.api.dataset import CSV, Format, Source
from perennial.api.schema import Spec
from perennial.jobs.settings import Settings

FILES_FILE: Final = "files.json"
PREVIOUS_FILE: Final = "previous.json"
QUALITY_FILE: Final = "quality.json"


class SourceFile(Spec):
    """One file with rows, where work can read it."""

    name: str
    """What its owner calls it."""
    path: Path
    """Where it stands in the pod."""
    format: Format
    """How it is written."""


class SourceFiles(Spec):
    """All files with rows."""

    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    """The files, by name."""

    @classmethod
    def left_by_prepare(cls, settings: Settings) -> Self:
        """Read what prepare wrote."""
        return cls.model_validate_json((settings.input / FILES_FILE).read_bytes())

    def leave_to_work(self, settings: Settings) -> None:
        """Write what work reads."""
        (settings.input / FILES_FILE).write_text(self.model_dump_json(by_alias=True))


def csv_of(source: Source) -> CSV:
    """Return how the CSV files of a source are written."""
    place = source.object or source.volume
    return (place.csv if place else None) or CSV()
