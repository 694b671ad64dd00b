"""Settings of `serve`, from environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from perennial.api.scalars import Digest, Name
from perennial_serving.http.limits import ConnectionLimits

VERSION_HEADER: Final = "x-perennial-version"
REVISION_HEADER: Final = "x-perennial-revision"
"""Header of every response, and of requests that must reach one revision."""

MODEL_VARIABLE: Final = "PERENNIAL_MODEL"
DIGEST_VARIABLE: Final = "PERENNIAL_ARTIFACT_DIGEST"

_Seconds = Annotated[float, Field(gt=0, le=86400)]
_Key = Annotated[Base64Bytes, Field(min_length=32, max_length=32)]


class SettingsError(Exception):
    """An environment variable that is missing or invalid."""


class Settings(BaseModel):
    """Settings from environment variables; other variables are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raise SettingsError with every invalid variable."""
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            messages = (
                f"{'.'.join(map(str, details['loc']))}: {details['msg']}"
                for details in error.errors(include_input=False)
            )
            raise SettingsError("; ".join(messages)) from error


class OutOfContract(StrEnum):
    """How rows outside the Dataset's contract are handled."""

    ANSWER = "Answer"
    REFUSE = "Refuse"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request."""

    body_bytes: int
    rows: int


class ServeSettings(Settings):
    """Settings of `serve`."""

    folder: Annotated[Path, Field(alias=MODEL_VARIABLE)]
    """Folder of the artifact."""
    digest: Annotated[Digest, Field(alias=DIGEST_VARIABLE)]
    """Digest of the artifact."""
    name: Annotated[Name, Field(alias="PERENNIAL_MODEL_NAME")]
    """Name of the Model."""
    version: Annotated[Name, Field(alias="PERENNIAL_MODEL_VERSION")]
    """Name of the ModelVersion."""
    deployment: Annotated[Name | None, Field(alias="PERENNIAL_DEPLOYMENT")] = None
    """Name of the ModelDeployment, a label of every series; None for a server run by hand."""
    revision: Annotated[Name | None, Field(alias="PERENNIAL_REVISION")] = None
    """Revision of the ModelDeployment, a label of every series and a header of every response."""
    host: Annotated[str, Field(alias="PERENNIAL_HOST")] = "0.0.0.0"  # noqa: S104 - the network of a pod
    """Address to listen on."""
    port: Annotated[int, Field(alias="PERENNIAL_PORT", ge=1, le=65535)] = 8080
    """Port to listen on."""
    workers: Annotated[int | None, Field(alias="PERENNIAL_WORKERS", ge=1, le=256)] = None
    """Number of worker processes; defaults to the CPU limit, or 1 without one."""
    pod: Annotated[str, Field(alias="PERENNIAL_POD", max_length=128)] = "local"
    """Name of the pod, unique within the deployment."""
    key: Annotated[_Key | None, Field(alias="PERENNIAL_PREDICTION_KEY", repr=False)] = None
    """Key of prediction ids, 32 bytes in base64; defaults to a random key per process."""
    out_of_contract: Annotated[OutOfContract, Field(alias="PERENNIAL_OUT_OF_CONTRACT")] = (
        OutOfContract.ANSWER
    )
    """Whether rows outside the Dataset's contract are answered."""
    body_bytes: Annotated[int, Field(alias="PERENNIAL_MAX_BODY_BYTES", ge=1024)] = 8 << 20
    """Longest body of a request, in bytes."""
    rows: Annotated[int, Field(alias="PERENNIAL_MAX_ROWS", ge=32)] = 10_000
    """Most rows of a request; at least 32, the number of sample rows."""
    connections: Annotated[int, Field(alias="PERENNIAL_MAX_CONNECTIONS", ge=1)] = 1024
    """Most connections of one worker."""
    header_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_HEADER_SECONDS")] = 10.0
    """Longest time for the head of a request to arrive, in seconds."""
    body_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_BODY_SECONDS")] = 30.0
    """Longest time for a body to arrive, or for a response to be read, in seconds."""
    # longer than the idle timeout of common client pools: the client should close first
    idle_seconds: Annotated[_Seconds, Field(alias="PERENNIAL_IDLE_SECONDS")] = 620.0
    """Longest time between two requests of a connection, in seconds."""
    drain_seconds: Annotated[float, Field(alias="PERENNIAL_DRAIN_SECONDS", ge=0, le=3600)] = 10.0
    """Longest time to wait for open connections after SIGTERM, in seconds."""
    # every node must learn that the pod is leaving before connections are refused
    accept_seconds: Annotated[float, Field(alias="PERENNIAL_ACCEPT_SECONDS", ge=0, le=3600)] = 5.0
    """Shortest time to accept connections after SIGTERM; `drain_seconds` limits it."""

    @property
    def identity(self) -> tuple[tuple[str, str], ...]:
        """Headers of every response."""
        revision = () if self.revision is None else ((REVISION_HEADER, self.revision),)
        return ((VERSION_HEADER, self.version), *revision)

    @property
    def limits(self) -> Limits:
        """Limits of one request."""
        return Limits(self.body_bytes, self.rows)

    @property
    def connection_limits(self) -> ConnectionLimits:
        """Limits of the connections of a worker."""
        return ConnectionLimits(
            connections=self.connections,
            body_bytes=self.body_bytes,
            header_seconds=self.header_seconds,
            body_seconds=self.body_seconds,
            idle_seconds=self.idle_seconds,
        )
