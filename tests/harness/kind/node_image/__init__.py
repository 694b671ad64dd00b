"""The image of kind's node: the published one, or one made here where none can be pulled."""

from harness import progress
from harness.kind import engine, places
from harness.kind.node_image import making
from harness.programs import ProgramFailedError


def ensure() -> str:
    """Return the reference of a node image that the engine holds or can pull."""
    if wished := places.wished_image():
        return wished
    made = making.reference()
    for reference in (places.PUBLISHED, made):
        if engine.has_image(reference):
            return reference
    if _is_pulled():
        return places.PUBLISHED
    making.make(made)
    return made


def _is_pulled() -> bool:
    with progress.step("pull the node image", usual="1 min") as step:
        try:
            engine.docker("pull", "--quiet", places.PUBLISHED)
        except ProgramFailedError:
            step.detail = "cannot be pulled here"
            return False
    return True
