"""What each command is told by its environment; a bad value ends it before it begins."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from perennial.api.reasons import JobReason
from perennial.api.schema import Digest, Name
from perennial.api.schema import Path as StorePath
from perennial.artifacts.errors import ArtifactError
from perennial.artifacts.store import STORE_VARIABLE, StoreLocation
