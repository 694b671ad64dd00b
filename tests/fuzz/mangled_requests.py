"""What no client should send: requests cut, flooded, split, contradicting themselves, or noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from fuzz.fair_requests import Fair, Known, fair_request, question

BODY_LIMIT = 64 << 10
"""Longest body that the server under test takes: what is huge stays cheap."""


@dataclass(frozen=True)
class Mangled:
    """Bytes to send on one connection."""

    kind: str
    pieces: tuple[bytes, ...]
    pause: float = 0.0
    """Seconds between the pieces."""
    says_no_more: bool = True
    """Whether the sender closes its half; else it waits for what the server does."""
    fair: tuple[Fair, ...] = ()
    """The requests, where there is nothing wrong with them."""


def mangled(random: Random, known: Sequence[Known]) -> Mangled:
    """Return the next input; the same seed makes the same inputs."""
    weights, makers = zip(*_KINDS, strict=True)
    return random.choices(makers, weights)[0](random, known)


def _fair(random: Random, known: Sequence[Known]) -> Mangled:
    return _together("fair", random, [fair_request(random, known) for _ in _some(random, 20)])


def _noise(random: Random, _known: Sequence[Known]) -> Mangled:
    return Mangled("noise", _split(random, random.randbytes(random.randint(1, 2000))))


def _cut(random: Random, known: Sequence[Known]) -> Mangled:
    whole = fair_request(random, known).sent
    return Mangled("cut", _split(random, whole[: random.randrange(len(whole))]))


def _slow(random: Random, known: Sequence[Known]) -> Mangled:
    fair = fair_request(random, known)
    pieces = _split(random, fair.sent, random.randint(2, 4))
    return Mangled("slow", pieces, pause=0.01, fair=(fair,))


def _silent(random: Random, known: Sequence[Known]) -> Mangled:
    whole = fair_request(random, known).sent
    return Mangled("silent", (whole[: random.randrange(1, len(whole) - 1)],), says_no_more=False)


def _mutated(random: Random, known: Sequence[Known]) -> Mangled:
    whole = bytearray(b"".join(fair_request(random, known).sent for _ in _some(random, 5)))
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(whole))
        match random.randrange(4):
            case 0:
                whole[at] = random.randrange(256)
            case 1:
                whole[at:at] = random.randbytes(random.randint(1, 8))
            case 2:
                del whole[at : at + random.randint(1, 8)]
            case _:
                whole[at:at] = whole[at : at + random.randint(1, 200)]
    return Mangled("mutated", _split(random, bytes(whole)))


def _huge(random: Random, _known: Sequence[Known]) -> Mangled:
    size = random.choice((9, 17, 40, 300)) << 10
    a = b"a" * size
    whole = random.choice(
        (
            b"GET /%b HTTP/1.1\r\nhost: x\r\n\r\n" % a,
            b"GET / HTTP/1.1\r\nhost: x\r\nx: %b\r\n\r\n" % a,
            b"GET / HTTP/1.1\r\nhost: x\r\n%b: x\r\n\r\n" % a,
            b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * (size // 6),
            b"GET / HTTP/1.1\r\nhost: x\r\n" + b"".join(b"x%d: y\r\n" % n for n in range(200)),
            b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (size, a),
            b"POST /predict HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            + b"%x\r\n%b\r\n" % (size, a) * random.randint(1, 8),
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;%b\r\n" % a,
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: %b\r\n" % a,
            b"\r\n" * (size // 2) + b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
            a.upper(),
        )
    )
    return Mangled("huge", _split(random, whole, random.randint(1, 4)))


def _contradicting(random: Random, _known: Sequence[Known]) -> Mangled:
    lengths = (b"0", b"2", b"5", b"-1", b"+2", b"2,2", b"0x2", b"9" * 25, b"", b" 2 ", b"2 2")
    codings = (b"chunked", b"Chunked", b"identity", b"gzip", b"gzip, chunked", b"chunked, x", b"")
    lines = [
        random.choice(
            (
                b"Content-Length: " + random.choice(lengths),
                b"Transfer-Encoding: " + random.choice(codings),
                b"Expect: " + random.choice((b"100-continue", b"more", b"")),
                b"Connection: " + random.choice((b"close", b"keep-alive", b"Upgrade", b"x")),
                b"Upgrade: " + random.choice((b"h2c", b"websocket", b"")),
                b"Host: " + random.choice((b"x", b"", b"x, y")),
                b"X-Request-ID: " + random.choice((b"a b", b"\xff", b"", b"good")),
                random.choice((b"Host : x", b" Host: x", b"Host x", b": x", b"Content-Length")),
            )
        )
        for _ in range(random.randint(1, 6))
    ]
    method = random.choice((b"GET", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"PRI", b"X"))
    target = random.choice((b"/predict", b"/", b"*", b"a:1", b"//", b"/%zz", b"/%00", b"http://x/"))
    version = random.choice((*(b"1.1",) * 6, b"1.0", b"2.0", b"0.9", b"1.2", b"11", b""))
    line = b"%b %b HTTP/%b" % (method, target, version)
    body = random.choice((b"", b"{}", b"2\r\n{}\r\n0\r\n\r\n", b"0\r\n\r\n", b"-1\r\n", b"hello"))
    whole = b"\r\n".join((line, *lines, b"", body))
    return Mangled("contradicting", _split(random, whole * random.randint(1, 3)))


def _upgrades(random: Random, known: Sequence[Known]) -> Mangled:
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    offers = [question(random, known, offer) for _ in _some(random, 30)]
    return _together("upgrades", random, offers)


def _together(kind: str, random: Random, fair: Sequence[Fair]) -> Mangled:
    return Mangled(
        kind, _split(random, b"".join(request.sent for request in fair)), fair=tuple(fair)
    )


def _some(random: Random, most: int) -> range:
    return range(random.randint(1, most))


def _split(random: Random, whole: bytes, pieces: int | None = None) -> tuple[bytes, ...]:
    number = pieces or random.choice((1, 1, 1, 2, 5))
    cuts = sorted(random.randrange(len(whole) + 1) for _ in range(number - 1))
    parts = zip((0, *cuts), (*cuts, len(whole)), strict=True)
    return tuple(whole[start:end] for start, end in parts)


_KINDS: tuple[tuple[float, Callable[[Random, Sequence[Known]], Mangled]], ...] = (
    *((15, _fair), (15, _noise), (15, _cut), (1, _slow), (0.2, _silent), (20, _mutated)),
    *((5, _huge), (25, _contradicting), (4, _upgrades)),
)
