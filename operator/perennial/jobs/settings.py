"""Folders, files and object store of a step; the defaults are those of the operator's pods."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from perennial.api.reasons import JobReason
from perennial.artifacts.store import STORE_VARIABLE, StoreLocation
from perennial.jobs.report import JobFailure


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders and files of one pod, shared by its steps."""

    folder: Path = Path("/var/run/perennial")
    """Volume that the steps share."""
    task_file: Path = Path("/etc/perennial/task.json")
    """The task, as JSON."""
    report_file: Path = Path("/dev/termination-log")
    """The report, as JSON."""
    location: StoreLocation | None = None
    """The object store; only prepare and publish have one."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings of this pod."""
        default = cls()
        has_store = STORE_VARIABLE in environment
        return cls(
            folder=Path(environment.get("PERENNIAL_FOLDER", default.folder)),
            task_file=Path(environment.get("PERENNIAL_TASK_FILE", default.task_file)),
            report_file=Path(environment.get("PERENNIAL_REPORT_FILE", default.report_file)),
            location=StoreLocation.from_environment(environment) if has_store else None,
        )

    @property
    def input(self) -> Path:
        """Output of prepare, input of work."""
        return self.folder / "input"

    @property
    def source(self) -> Path:
        """The mounted volume of the source, read-only."""
        return self.folder / "source"

    @property
    def output(self) -> Path:
        """Output of work, input of publish."""
        return self.folder / "output"

    def store_location(self) -> StoreLocation:
        """Return the object store; raise if this pod has none."""
        if self.location is None:
            raise JobFailure(JobReason.INTERNAL_ERROR, f"{STORE_VARIABLE} is not set in this pod")
        return self.location
