"""Prediction ids: what a label needs to be counted, in the caller's hands, signed.

| bytes | what |
|---|---|
| 1 | format: 2 |
| 1 | kind of answer |
| 4 | fingerprint of the key: tells another deployment's id from a forged one |
| 8 | source: pod, worker and start |
| 3n + 1 | name of the version, padded with NUL |
| 4, 4 | time in seconds of 1970, sequence: with the source unique |
| 8 | prediction or confidence, float64 |
| 4, 1 | hash of the class, bin of the score |
| 12 | MAC: BLAKE2b of a key for these names, then of the three lines before |

The key for these names is the deployment's keyed BLAKE2b of all lines above them. It fits into one
block with a row's own bytes, where a keyed hash takes two; this is a MAC as well, since no hash of
BLAKE2 can be extended.

Written in base64 for URLs; the length is a multiple of three, so that none ends in `=`.
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
from perennial_serving.counters.scoring import Grades, Kind

KEY_BYTES: Final = 32
OLDEST_SECONDS: Final = 90 * 86400.0
CLOCKS_APART_SECONDS: Final = 300.0
"""How much later than here the clock of another pod may be."""

_FORMAT: Final = 2
_KINDS: Final = tuple(Kind)
_HEAD: Final = Struct("<BB4s8s")
_ROW: Final = Struct("<IIdIB")
_MAC_BYTES: Final = 12
_OWN_LENGTH: Final = (_ROW.size + _MAC_BYTES) // 3 * 4
"""Letters behind what all ids of a worker have in common: bytes of both are multiples of three."""
_SEQUENCE_MASK: Final = (1 << 32) - 1
_SHORTEST, _LONGEST = 64, 160
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = str.maketrans("-_", "+/")


class RefusedIdError(ValueError):
    """A prediction id that no label is taken for."""

    def __init__(self, outcome: LabelOutcome) -> None:
        """Say what is wrong with it."""
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Issued:
    """What a prediction id says of its row."""

    version: str
    kind: Kind
    issued_at: int
    """Seconds of 1970."""
    number: float
    """The prediction, or the confidence where classes have no order."""
    class_hash: int
    bin: int
    identity: int
    """64 bits that are this id's alone."""


class Signer:
    """Issues the ids of one worker."""

    def __init__(
        self, key: bytes, version: str, kind: Kind, classes: Sequence[str], source: str
    ) -> None:
        """Prepare what all ids have in common; the source names pod, worker and start."""
        named = version.encode()
        named += bytes(-(len(named) + _HEAD.size + _ROW.size + _MAC_BYTES) % 3)
        origin = blake2b(source.encode(), digest_size=8).digest()
        head = _HEAD.pack(_FORMAT, _KINDS.index(kind), _fingerprint(key), origin)
        common = head + named
        self._head = _encoded(common)
        self._prepared = _prepared(key, common)
        self._classes = [class_hash(label) for label in classes] or [0]
        self._sequence = itertools.count()

    def issue(self, grades: Grades, now: float) -> list[str]:
        """Return an id for each row."""
        seconds, hashes = int(now), self._classes
        head, prepared, pack = self._head, self._prepared, _ROW.pack
        classes, numbers, bins = grades.classes, grades.numbers, grades.bins
        parts: list[bytes] = []
        # behind the columns, the endless sequence loses no number where they end
        for class_, number, bin_, place in zip(
            classes.tolist(), numbers.tolist(), bins.tolist(), self._sequence, strict=False
        ):
            row = pack(seconds, place & _SEQUENCE_MASK, number, hashes[class_], bin_)
            mac = prepared.copy()
            mac.update(row)
            parts += (row, mac.digest())
        text = _encoded(b"".join(parts))
        return [
            head + text[start : start + _OWN_LENGTH] for start in range(0, len(text), _OWN_LENGTH)
        ]


class Verifier:
    """Reads ids that any pod of this deployment issued."""

    def __init__(self, key: bytes, oldest_seconds: float = OLDEST_SECONDS) -> None:
        """Take the key of the deployment, and how old a prediction may be."""
        self._key = key
        self._fingerprint = _fingerprint(key)
        self._oldest = oldest_seconds

    def verify(self, text: str, now: float) -> Issued:
        """Return what an id says, or refuse it."""
        content = _decoded(text)
        _, kind, fingerprint, _ = _HEAD.unpack_from(content)
        if fingerprint != self._fingerprint:
            raise RefusedIdError(LabelOutcome.FOREIGN)
        signed, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
        head, row = signed[: -_ROW.size], signed[-_ROW.size :]
        expected = _prepared(self._key, head)
        expected.update(row)
        if not compare_digest(mac, expected.digest()):
            raise RefusedIdError(LabelOutcome.FORGED)
        issued_at, _, number, hashed, bin_ = _ROW.unpack(row)
        self._check_time(issued_at, now)
        return Issued(
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
            raise RefusedIdError(LabelOutcome.OF_THE_FUTURE)
        if issued_at < now - self._oldest:
            raise RefusedIdError(LabelOutcome.TOO_LATE)


def class_hash(label: str) -> int:
    """Return the 32 bits that stand for a class: versions may order their classes differently."""
    return int.from_bytes(blake2b(label.encode(), digest_size=4).digest(), "little")


def _fingerprint(key: bytes) -> bytes:
    return blake2b(b"fingerprint", key=key, digest_size=4).digest()


def _prepared(key: bytes, common: bytes) -> blake2b:
    """Return the MAC of a row before the row, for ids that have this in common."""
    own_key = blake2b(common, key=key).digest()
    return blake2b(own_key, digest_size=_MAC_BYTES)


def _encoded(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).translate(_TO_URL).decode("ascii")


def _decoded(text: str) -> bytes:
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise RefusedIdError(LabelOutcome.MALFORMED)
    try:
        content = binascii.a2b_base64(text.translate(_FROM_URL), strict_mode=True)
    except ValueError as error:  # binascii.Error is one; so is a letter beyond ASCII
        raise RefusedIdError(LabelOutcome.MALFORMED) from error
    if content[0] != _FORMAT or len(content) < _HEAD.size + _ROW.size + _MAC_BYTES:
        raise RefusedIdError(LabelOutcome.MALFORMED)
    return content
