"""The files that prepare passes to work."""

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
    """One source file in the pod."""

    name: str
    """Name for messages."""
    path: Path
    """Path in the pod."""
    format: Format
    """Format of the file."""


class SourceFiles(Spec):
    """All source files."""

    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]
    """The files, by name."""

    @classmethod
    def left_by_prepare(cls, settings: Settings) -> Self:
        """Read the list that prepare wrote."""
        return cls.model_validate_json((settings.input / FILES_FILE).read_bytes())

    def leave_to_work(self, settings: Settings) -> None:
        """Write the list that work reads."""
        (settings.input / FILES_FILE).write_text(self.model_dump_json(by_alias=True))


def csv_of(source: Source) -> CSV:
    """Return the CSV options of a source."""
    place = source.object or source.volume
    return (place.csv if place else None) or CSV()
