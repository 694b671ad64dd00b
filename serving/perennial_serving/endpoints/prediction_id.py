"""Signed prediction ids: they carry all that is needed to count a label.

| bytes | what |
|---|---|
| 1 | format: 2 |
| 1 | kind of answer |
| 4 | fingerprint of the key: distinguishes ids of other deployments from forged ones |
| 8 | source: pod, worker and start |
| 3n + 1 | name of the version, padded with NUL |
| 4, 4 | seconds since the epoch, sequence number: unique with the source |
| 8 | prediction or confidence, float64 |
| 4, 1 | hash of the class, bin of the score |
| 12 | MAC: BLAKE2b of a derived key, followed by the three lines above |

The derived key is BLAKE2b of all lines before those three, keyed by the deployment's key. Derived
key and row fit into one block, where a keyed hash needs two. This is a secure MAC, because BLAKE2
is not subject to length extension.

Ids are written in URL-safe base64; the length is a multiple of three, so there is no padding.
"""

import binascii
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from typing import Final

from perennial_serving.counters.layout import LabelOutcome
from perennial_serving.counters.scoring import AnswerScores, LabelKind

KEY_BYTES: Final = 32
OLDEST_SECONDS: Final = 90 * 86400.0
CLOCKS_APART_SECONDS: Final = 300.0
"""Tolerance for clocks of other pods that are ahead."""

_FORMAT: Final = 2
_KINDS: Final = tuple(LabelKind)
_HEAD: Final = Struct("<BB4s8s")
_ROW: Final = Struct("<IIdIB")
_MAC_BYTES: Final = 12
_OWN_LENGTH: Final = (_ROW.size + _MAC_BYTES) // 3 * 4
"""Characters after the common part of all ids of a worker; both parts are multiples of 3 bytes."""
_SEQUENCE_MASK: Final = (1 << 32) - 1
_SHORTEST, _LONGEST = 64, 160
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = str.maketrans("-_", "+/")


class InvalidIdError(ValueError):
    """A prediction id that is not accepted."""

    def __init__(self, outcome: LabelOutcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class PredictionId:
    """The content of a prediction id."""

    version: str
    kind: LabelKind
    issued_at: int
    """Seconds since the epoch."""
    number: float
    """The prediction, or the confidence where classes have no order."""
    class_hash: int
    bin: int
    identity: int
    """A 64-bit hash that is unique to this id."""


class Signer:
    """Issues the ids of one worker; `source` names the pod, the worker and its start."""

    def __init__(
        self, key: bytes, version: str, kind: LabelKind, classes: Sequence[str], source: str
    ) -> None:
        named = version.encode()
        named += bytes(-(len(named) + _HEAD.size + _ROW.size + _MAC_BYTES) % 3)
        origin = blake2b(source.encode(), digest_size=8).digest()
        head = _HEAD.pack(_FORMAT, _KINDS.index(kind), _fingerprint(key), origin)
        common = head + named
        self._head = _encoded(common)
        self._prepared = _prepared(key, common)
        self._classes = [class_hash(label) for label in classes] or [0]
        self._sequence = itertools.count()

    def issue(self, scores: AnswerScores, now: float) -> list[str]:
        """Return one id per row."""
        seconds, hashes = int(now), self._classes
        head, prepared, pack = self._head, self._prepared, _ROW.pack
        classes, numbers, bins = scores.classes, scores.numbers, scores.bins
        parts: list[bytes] = []
        # zip stops at the columns before it takes a number, because the sequence comes last
        for class_, number, bin_, sequence in zip(
            classes.tolist(), numbers.tolist(), bins.tolist(), self._sequence, strict=False
        ):
            row = pack(seconds, sequence & _SEQUENCE_MASK, number, hashes[class_], bin_)
            mac = prepared.copy()
            mac.update(row)
            parts += (row, mac.digest())
        text = _encoded(b"".join(parts))
        return [
            head + text[start : start + _OWN_LENGTH] for start in range(0, len(text), _OWN_LENGTH)
        ]


class Verifier:
    """Verifies ids issued by any pod of the deployment."""

    def __init__(self, key: bytes, oldest_seconds: float = OLDEST_SECONDS) -> None:
        self._key = key
        self._fingerprint = _fingerprint(key)
        self._oldest = oldest_seconds

    def verify(self, text: str, now: float) -> PredictionId:
        """Return the content of an id, or raise InvalidIdError."""
        content = _decoded(text)
        _, kind, fingerprint, _ = _HEAD.unpack_from(content)
        if fingerprint != self._fingerprint:
            raise InvalidIdError(LabelOutcome.FOREIGN)
        signed, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
        head, row = signed[: -_ROW.size], signed[-_ROW.size :]
        expected = _prepared(self._key, head)
        expected.update(row)
        if not compare_digest(mac, expected.digest()):
            raise InvalidIdError(LabelOutcome.FORGED)
        issued_at, _, number, hashed, bin_ = _ROW.unpack(row)
        self._check_time(issued_at, now)
        return PredictionId(
            version=head[_HEAD.size :].rstrip(b"\0").decode(),
            kind=_KINDS[kind],
            issued_at=issued_at,
            number=number,
            class_hash=hashed,
            bin=bin_,
            identity=int.from_bytes(mac[:8], "little"),
        )

    def _check_time(self, issued_at: int, now: float) -> None:
        if issued_at > now + CLOCKS_APART_SECONDS:
            raise InvalidIdError(LabelOutcome.OF_THE_FUTURE)
        if issued_at < now - self._oldest:
            raise InvalidIdError(LabelOutcome.TOO_LATE)


def class_hash(label: str) -> int:
    """Return a 32-bit hash of a class: versions may order their classes differently."""
    return int.from_bytes(blake2b(label.encode(), digest_size=4).digest(), "little")


def _fingerprint(key: bytes) -> bytes:
    return blake2b(b"fingerprint", key=key, digest_size=4).digest()


def _prepared(key: bytes, common: bytes) -> blake2b:
    """Return the MAC state before the row, for ids with this common part."""
    own_key = blake2b(common, key=key).digest()
    return blake2b(own_key, digest_size=_MAC_BYTES)


def _encoded(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).translate(_TO_URL).decode("ascii")


def _decoded(text: str) -> bytes:
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise InvalidIdError(LabelOutcome.MALFORMED)
    try:
        content = binascii.a2b_base64(text.translate(_FROM_URL), strict_mode=True)
    except ValueError as error:  # binascii.Error is a ValueError; so is a non-ASCII character
        raise InvalidIdError(LabelOutcome.MALFORMED) from error
    if content[0] != _FORMAT or len(content) < _HEAD.size + _ROW.size + _MAC_BYTES:
        raise InvalidIdError(LabelOutcome.MALFORMED)
    return content
