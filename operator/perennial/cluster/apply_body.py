"""Writes the body of a server-side apply as YAML that every parser reads alike."""

import json
import re
from typing import Final

from perennial.api.manifest import Manifest

# YAML folds or refuses some of these when they stand as they are, and has no pairs of surrogates.
_ESCAPED: Final = re.compile("[\x7f-\uffff]")
_REPLACEMENT: Final = "\ufffd"


def apply_body(manifest: Manifest) -> bytes:
    """Return JSON that is YAML as well; half of a surrogate pair becomes U+FFFD."""
    return _ESCAPED.sub(_escape, json.dumps(manifest, ensure_ascii=False)).encode()


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    if "\ud800" <= character <= "\udfff":
        character = _REPLACEMENT
    return f"\\u{ord(character):04x}"
