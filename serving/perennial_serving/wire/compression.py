"""Compresses and decompresses bodies, with a limit on the decompressed size."""

import gzip
import zlib
from http import HTTPStatus
from typing import Final

from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.quality_values import quality_values

CODINGS: Final = ("gzip", "deflate")
"""Content codings that are read and written."""

# below this size, compressing takes longer than sending within a cluster
WORTH_COMPRESSING_BYTES: Final = 16 << 10

_EITHER_FORMAT: Final = zlib.MAX_WBITS | 32
_FASTEST: Final = 1
_MOST_STREAMS: Final = 16
"""The remainder of the body is copied after each stream."""


def decompressed(body: bytes, coding: str, limit: int) -> bytes:
    """Decompress a body; raise a RequestError before it takes more memory than the limit."""
    if coding == "identity":
        return body
    coding = "gzip" if coding == "x-gzip" else coding
    if coding not in CODINGS:
        error = f"send the body as it is, or as {' or '.join(CODINGS)}, rather than as {coding}"
        raise RequestError(error, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    parts: list[bytes] = []
    left, room = body, limit + 1
    while left and room > 0:
        if len(parts) == _MOST_STREAMS:
            raise RequestError(f"the body is more than {_MOST_STREAMS} {coding} streams: send one")
        unpacking = zlib.decompressobj(_EITHER_FORMAT)
        try:
            parts.append(unpacking.decompress(left, room))
        except zlib.error as broken:
            raise RequestError(f"the body is not {coding}") from broken
        room -= len(parts[-1])
        if not unpacking.eof and room > 0:
            raise RequestError(f"the body ends within its {coding} stream")
        left = unpacking.unused_data
    if room <= 0:
        error = f"a body may unfold to {limit} bytes: send the rows in several requests"
        raise RequestError(error, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return b"".join(parts)


def preferred_coding(accept_encoding: str) -> str | None:
    """Return the supported coding with the highest weight, or None."""
    weights = quality_values(accept_encoding)
    best = max(CODINGS, key=lambda coding: weights.get(coding, 0.0))
    return best if weights.get(best, 0.0) > 0 else None


def compressed(body: bytes, coding: str) -> bytes:
    """Compress a body."""
    if coding == "gzip":
        return gzip.compress(body, _FASTEST, mtime=0)
    return zlib.compress(body, _FASTEST)
