"""What `fetch` is told by its environment; serving takes nothing of what this imports."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, Json

from perennial.api.scalars import Digest
from perennial.api.scalars import Path as StorePath
from perennial.artifacts.store import STORE_VARIABLE, StoreLocation
from perennial_serving.settings import DIGEST_VARIABLE, MODEL_VARIABLE, Settings


class FetchSettings(Settings):
    """What `fetch` brings, and where to."""

    location: Annotated[Json[StoreLocation], Field(alias=STORE_VARIABLE)]
    """The object store, as JSON."""
    path: Annotated[StorePath, Field(alias="PERENNIAL_ARTIFACT_PATH")]
    """Where the artifact stands in it: the keys of its files begin with this."""
    digest: Annotated[Digest, Field(alias=DIGEST_VARIABLE)]
    """Identity of the artifact."""
    folder: Annotated[Path, Field(alias=MODEL_VARIABLE)]
    """Folder that will hold the artifact; it is made."""
