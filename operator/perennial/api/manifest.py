"""Objects as the API server returns them, and accessors that work for any kind."""

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]


def condition(manifest: Manifest, kind: str) -> Manifest:
    """Return a condition of an object, or an empty mapping if it has none of this type."""
    stated = (manifest.get("status") or {}).get("conditions") or ()
    return next((each for each in stated if each["type"] == kind), {})


ENDS = ("Complete", "Failed")


def is_over(job: Manifest) -> bool:
    """Return whether a Job is complete or has failed."""
    stated = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ENDS and each["status"] == "True" for each in stated)
