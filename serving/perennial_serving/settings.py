"""What `serve` is told by its environment; a bad value ends it before it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from perennial.api.scalars import Digest, Name
from perennial_serving.http.limits import ConnectionLimits

MODEL_VARIABLE: Final = "PERENNIAL_MODEL"
DIGEST_VARIABLE: Final = "PERENNIAL_ARTIFACT_DIGEST"

_Seconds = Annotated[float, Field(gt=0, le=86400)]
_Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]


class SettingsError(Exception):
    """A variable of the environment that is missing or cannot be what it is."""


class Settings(BaseModel):
    """Variables that concern nobody here are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

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


class OutOfContract(StrEnum):
    """What becomes of rows that the Dataset's contract would refuse."""

    ANSWER = "Answer"
    REFUSE = "Refuse"


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
    workers: Annotated[int | None, Field(alias="PERENNIAL_WORKERS", ge=1, le=256)] = None
    """Number of processes that answer; absent for as many as the CPU limit keeps busy."""
    pod: Annotated[str, Field(alias="PERENNIAL_POD", max_length=128)] = "local"
    """What no other server of the deployment is called."""
    key: Annotated[_Key | None, Field(alias="PERENNIAL_PREDICTION_KEY", repr=False)] = None
    """Signs prediction ids, as base64 of 32 bytes; absent for one that ends with the process."""
    out_of_contract: Annotated[OutOfContract, Field(alias="PERENNIAL_OUT_OF_CONTRACT")] = (
        OutOfContract.ANSWER
    )
    """Whether rows outside of the Dataset's contract are answered."""
    body_bytes: Annotated[int, Field(alias="PERENNIAL_MAX_BODY_BYTES", ge=1024)] = 8 << 20
    """Longest body of a request."""
    rows: Annotated[int, Field(alias="PERENNIAL_MAX_ROWS", ge=32)] = 10_000
    """Most rows of a request; the sample rows, of which there are 32, have to fit."""
    connections: Annotated[int, Field(alias="PERENNIAL_MAX_CONNECTIONS", ge=1)] = 1024
    """Most connections of one worker."""
    header_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_HEADER_SECONDS")] = 10.0
    """How long the head of a request may take to arrive."""
    body_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_BODY_SECONDS")] = 30.0
    """How long the body of a request may take to arrive, or an answer to be taken."""
    # longer than the idle time of any usual client's pool: else both ends race for the last word
    idle_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_IDLE_SECONDS")] = 620.0
    """How long a connection may wait for its next request."""
    drain_seconds: Annotated[float, Field(alias="PERENNIAL_DRAIN_SECONDS", ge=0, le=3600)] = 10.0
    """How long callers with open connections are waited for, once the process is to end."""

    @property
    def limits(self) -> Limits:
        """How much one request may bring."""
        return Limits(self.body_bytes, self.rows)

    @property
    def connection_limits(self) -> ConnectionLimits:
        """How much one connection may ask of a worker."""
        return ConnectionLimits(
            connections=self.connections,
            body_bytes=self.body_bytes,
            header_seconds=self.header_seconds,
            body_seconds=self.body_seconds,
            idle_seconds=self.idle_seconds,
        )
