"""Canonical JSON and its digests."""

import hashlib
import json

from pydantic.types import JsonValue


def canonical_json(value: JsonValue) -> str:
    """Return the canonical text of a JSON value: sorted keys, no white space, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(value: JsonValue) -> str:
    """Return the digest of a JSON value: ``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(canonical_json(value).encode()).hexdigest()}"
