"""What each command is told by its environment; a bad value ends it before it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from perennial.api.schema import Digest, Name
from perennial.api.schema import Path as StorePath
from perennial.artifacts.store import STORE_VARIABLE, StoreLocation

MODEL_VARIABLE: Final = "PERENNIAL_MODEL"
DIGEST_VARIABLE: Final = "PERENNIAL_ARTIFACT_DIGEST"


class SettingsError(Exception):
    """A variable of the environment that is missing or cannot be what it is."""


class Settings(BaseModel):
    """Variables that concern nobody here are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings, or name every variable that is wrong."""
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            wrong = (
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors(include_input=False)
            )
            raise SettingsError("; ".join(wrong)) from error


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


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may bring."""

    body_bytes: int
    rows: int


class ServeSettings(Settings):
    """What `serve` answers for, and how."""

    folder: Annotated[Path, Field(alias=MODEL_VARIABLE)]
    """Folder that holds the artifact."""
    digest: Annotated[Digest, Field(alias=DIGEST_VARIABLE)]
    """Identity of the artifact."""
    name: Annotated[Name, Field(alias="PERENNIAL_MODEL_NAME")]
    """Name of the Model."""
    version: Annotated[Name, Field(alias="PERENNIAL_MODEL_VERSION")]
    """Name of the ModelVersion."""
    host: Annotated[str, Field(alias="PERENNIAL_HOST")] = "0.0.0.0"  # noqa: S104 - a pod's own address
    """Address to listen on."""
    port: Annotated[int, Field(alias="PERENNIAL_PORT", ge=1, le=65535)] = 8080
    """Port to listen on."""
    body_bytes: Annotated[int, Field(alias="PERENNIAL_MAX_BODY_BYTES", ge=1024)] = 8 << 20
    """Longest body of a request."""
    rows: Annotated[int, Field(alias="PERENNIAL_MAX_ROWS", ge=1)] = 10_000
    """Most rows of a request."""
    drain_seconds: Annotated[float, Field(alias="PERENNIAL_DRAIN_SECONDS", ge=0, le=3600)] = 10.0
    """How long callers with open connections are waited for, once the process is to end."""

    @property
    def limits(self) -> Limits:
        """How much one request may bring."""
        return Limits(self.body_bytes, self.rows)
