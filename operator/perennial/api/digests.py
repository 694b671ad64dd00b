"""Canonical JSON, and the digests that are taken of it."""

import hashlib
import json

from pydantic.types import JsonValue


def canonical_json(value: JsonValue) -> str:
    """Return the one spelling of a JSON value that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(value: JsonValue) -> str:
    """Return the identity of a JSON value: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(canonical_json(value).encode()).hexdigest()}"
