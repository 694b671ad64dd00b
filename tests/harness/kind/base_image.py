"""What the project's images start from: another image than the Dockerfiles' own, where needed."""

import os
import tempfile
from functools import cache
from pathlib import Path

from harness import images, paths, programs, progress
from harness.kind import engine
from harness.local import building, packages
from harness.programs import ProgramFailedError

PUBLISHED = "python:3.12-slim-bookworm"  # as in the Dockerfiles


@cache
def ensure() -> str:
    """Return the image to start from, empty for the Dockerfiles' own."""
    if wished := os.environ.get(images.BASE):
        return wished
    if engine.has_image(PUBLISHED) or _is_pulled():
        return ""
    if not engine.has_image(building.BASE):
        _make()
    return building.BASE


def _is_pulled() -> bool:
    with progress.step(f"pull {PUBLISHED}") as step:
        try:
            engine.docker("pull", "--quiet", PUBLISHED)
        except ProgramFailedError:
            step.detail = "cannot be pulled here"
            return False
    return True


def _make() -> None:
    packages.ensure({"mmdebstrap": "mmdebstrap"})
    scratch = paths.cache() / "temporary"
    scratch.mkdir(parents=True, exist_ok=True)
    with (
        progress.step("make the base image from Debian's packages", usual="1 min"),
        tempfile.TemporaryDirectory(dir=scratch) as folder,
    ):
        archive = Path(folder) / "base.tar"
        programs.run([*building.DEBIAN, archive], env={"SOURCE_DATE_EPOCH": "0"})
        engine.docker("import", "--change", 'CMD ["python3"]', archive, building.BASE)
