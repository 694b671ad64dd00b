"""Throws mangled requests at a running server, while a fair caller watches what becomes of it.

PYTHONPATH=tests python -m builders.socket_fuzz --port 8080 --inputs 100000
"""

import argparse
import asyncio
import contextlib
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import uvloop

from builders.artifact import ROW
from builders.mangled_requests import Mangled, mangled

PATIENCE_SECONDS = 20.0
AT_ONCE = 32
ALLOWED_FAILURES = (501, 503, 505)

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]+\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


@dataclass
class Findings:
    inputs: int = 0
    kinds: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    fair_answers: int = 0
    slowest_seconds: float = 0.0


async def fuzz(port: int, inputs: int, seed: int = 0) -> Findings:
    """Send so many inputs, some at once; return what is wrong with how they were received."""
    findings, random = Findings(), Random(seed)
    watching = asyncio.create_task(_watch(port, findings))
    waiting: set[asyncio.Task] = set()
    for number in range(inputs):
        one = mangled(random, ROW)
        waiting.add(asyncio.create_task(_throw(port, one, f"input {number} of {seed}", findings)))
        if len(waiting) >= AT_ONCE:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if waiting:
        await asyncio.wait(waiting)
    watching.cancel()
    await asyncio.wait([watching])
    return findings


async def _throw(port: int, one: Mangled, name: str, findings: Findings) -> None:
    findings.inputs += 1
    findings.kinds[one.kind] += 1
    try:
        received = await asyncio.wait_for(_exchange(port, one), PATIENCE_SECONDS)
        statuses = _statuses(received)
    except (OSError, ValueError) as error:
        findings.complaints.append(f"{name}, {one.kind}: {error!r}")
        return
    findings.statuses.update(statuses)
    bad = [one for one in statuses if one >= 500 and one not in ALLOWED_FAILURES]
    if bad or (one.expected is not None and tuple(statuses) != one.expected):
        findings.complaints.append(f"{name}, {one.kind}: {statuses}")


async def _exchange(port: int, one: Mangled) -> bytes:
    """Send the pieces and read to the end; to be reset is never right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        reading = asyncio.create_task(reader.read())
        for piece in one.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(one.pause)
        if one.says_no_more:
            writer.write_eof()
        return await reading
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):  # the exchange has told of it already
        await writer.wait_closed()


def _statuses(received: bytes) -> list[int]:
    """Take answers apart; what answers HEAD tells a length, but is followed by another answer."""
    statuses, rest = [], received
    while rest:
        status = _STATUS.match(rest)
        end = rest.find(b"\r\n\r\n")
        if status is None or end < 0:
            raise ValueError(f"this is no answer: {rest[:200]!r}")
        length = _LENGTH.search(rest, 0, end + 2)
        rest = rest[end + 4 :]
        if length is not None and rest and not _STATUS.match(rest):
            if len(rest) < int(length[1]):
                raise ValueError(f"an answer was cut: {rest[:200]!r}")
            rest = rest[int(length[1]) :]
        if status[1] != b"100":
            statuses.append(int(status[1]))
    return statuses


async def _watch(port: int, findings: Findings) -> None:
    """Ask fairly on one connection all the time, and expect to be answered as ever."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            began = time.perf_counter()
            status = await _ask(reader, writer)
            if status != 200:
                findings.complaints.append(f"the fair caller was answered {status}")
            findings.fair_answers += 1
            findings.slowest_seconds = max(findings.slowest_seconds, time.perf_counter() - began)
            await asyncio.sleep(0.01)
    except (OSError, EOFError) as error:
        findings.complaints.append(f"the fair caller lost its connection: {error!r}")
    finally:
        await _close(writer)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    body = json.dumps({"rows": [ROW]}).encode()
    writer.write(b"POST /predict HTTP/1.1\r\nhost: x\r\n")
    writer.write(b"content-length: %d\r\n\r\n%b" % (len(body), body))
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head.split(maxsplit=2)[1])


def resident_bytes(pid: int) -> int:
    """Return the memory of a process and of its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 + sum(resident_bytes(int(child)) for child in children)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    found = uvloop.run(fuzz(options.port, options.inputs, options.seed))
    print(f"{found.inputs} inputs in {time.monotonic() - began:.0f} s: {dict(found.kinds)}")
    print(f"answers: {dict(sorted(found.statuses.items()))}")
    print(f"fair caller: {found.fair_answers} answers, slowest {found.slowest_seconds:.3f} s")
    print("\n".join((*found.complaints[:50], f"{len(found.complaints)} complaints")))
    return 1 if found.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
