"""An object as the API server returns it, and what is read of any of them."""

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]


def condition(manifest: Manifest, kind: str) -> Manifest:
    """Return a condition of an object; an absent one is empty."""
    stated = (manifest.get("status") or {}).get("conditions") or ()
    return next((each for each in stated if each["type"] == kind), {})


ENDS = ("Complete", "Failed")


def is_over(job: Manifest) -> bool:
    """Return whether the Job controller is done with a Job."""
    stated = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ENDS and each["status"] == "True" for each in stated)
