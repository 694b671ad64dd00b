"""Settings of `fetch`, from environment variables; `serve` does not import this module."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, Json

from perennial.api.scalars import Digest
from perennial.api.scalars import Path as StorePath
from perennial.artifacts.store import STORE_VARIABLE, StoreLocation
from perennial_serving.settings import DIGEST_VARIABLE, MODEL_VARIABLE, Settings


class FetchSettings(Settings):
    """Settings of `fetch`."""

    location: Annotated[Json[StoreLocation], Field(alias=STORE_VARIABLE)]
    """The object store, as JSON."""
    path: Annotated[StorePath, Field(alias="PERENNIAL_ARTIFACT_PATH")]
    """Prefix of the keys of the artifact's files."""
    digest: Annotated[Digest, Field(alias=DIGEST_VARIABLE)]
    """Digest of the artifact."""
    folder: Annotated[Path, Field(alias=MODEL_VARIABLE)]
    """Folder for the artifact; it is created."""
