"""Throws mangled requests at a running server, while a fair caller watches what becomes of it."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from doubles.http_server import Answer
from fuzz.fair_requests import Known, fair_request
from fuzz.mangled_requests import Mangled, mangled
from perennial.artifacts.answers import WrongAnswerError

PATIENCE_SECONDS = 20.0
AT_ONCE = 32
ALLOWED_FAILURES = (501, 503, 505)

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]+\r\n")


@dataclass
class Findings:
    inputs: int = 0
    statuses: Counter = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    fair_answers: int = 0


async def fuzz(port: int, known: Sequence[Known], inputs: int, seed: int) -> Findings:
    """Send so many inputs, some at once; return what is wrong with how they were received."""
    findings, random, places = Findings(), Random(seed), asyncio.Semaphore(AT_ONCE)
    watching = asyncio.create_task(_watch(port, known, findings))
    async with asyncio.TaskGroup() as throwing:
        for number in range(inputs):
            await places.acquire()
            throw = _throw(port, mangled(random, known), f"input {number} of {seed}", findings)
            throwing.create_task(throw).add_done_callback(lambda _: places.release())
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    return findings


async def _throw(port: int, sequence: Mangled, name: str, findings: Findings) -> None:
    findings.inputs += 1
    try:
        answers = _answers(await asyncio.wait_for(_exchange(port, sequence), PATIENCE_SECONDS))
        findings.statuses.update(answer.status for answer in answers)
        _check(sequence, answers)
    except (OSError, ValueError, WrongAnswerError) as error:
        findings.complaints.append(f"{name}, {sequence.kind}: {error!r}")


def _check(sequence: Mangled, answers: Sequence[Answer]) -> None:
    """Raise if the server failed, or if what is fair got another answer than its own."""
    for answer in answers:
        if answer.status >= 500 and answer.status not in ALLOWED_FAILURES:
            raise WrongAnswerError(f"{answer.status}: {answer.body!r}")
    if sequence.fair:
        for fair, answer in zip(sequence.fair, answers, strict=True):
            fair.check(answer)


async def _exchange(port: int, sequence: Mangled) -> bytes:
    """Send the pieces and read to the end; to be reset is never right."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        reading = asyncio.create_task(reader.read())
        for piece in sequence.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(sequence.pause)
        if sequence.says_no_more:
            writer.write_eof()
        return await reading
    finally:
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):  # the exchange has told of it already
        await writer.wait_closed()


def _answers(received: bytes) -> list[Answer]:
    """Take answers apart; what answers HEAD tells a length, but is followed by another answer."""
    answers, rest = [], received
    while rest:
        status = _STATUS.match(rest)
        head, end, rest = rest.partition(b"\r\n\r\n")
        if status is None or not end:
            raise ValueError(f"this is no answer: {head[:200]!r}")
        headers = _headers(head)
        has_body = rest and not _STATUS.match(rest)
        length = int(headers.get("content-length", 0)) if has_body else 0
        if len(rest) < length:
            raise ValueError(f"an answer was cut: {rest[:200]!r}")
        if status[1] != b"100":
            answers.append(Answer(int(status[1]), headers, rest[:length]))
        rest = rest[length:]
    return answers


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
    return {name: value for name, _, value in lines}


async def _watch(port: int, known: Sequence[Known], findings: Findings) -> None:
    """Ask fairly on one connection all the time, and expect to be answered as ever."""
    random = Random(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            fair = fair_request(random, known)
            writer.write(fair.sent)
            fair.check(await asyncio.wait_for(_answer(reader), PATIENCE_SECONDS))
            findings.fair_answers += 1
            await asyncio.sleep(0.01)
    except (OSError, EOFError, ValueError, WrongAnswerError) as error:
        findings.complaints.append(f"the fair caller: {error!r}")
    finally:
        await _close(writer)


async def _answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(int(_headers(head)["content-length"]))
    (answer,) = _answers(head + body)
    return answer
