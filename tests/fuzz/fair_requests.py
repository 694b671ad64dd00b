"""Requests with nothing wrong about them, each with the answer that belongs to no other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from doubles.http_server import Answer
from perennial.artifacts.answers import WrongAnswerError, check_answers

PAGES = {
    "/": b'"inputs"',
    "/v2": b'"extensions"',
    "/v2/health/live": b'"live"',
    "/metrics": b"perennial_rows_total",
}
"""What is got, and words that stand in it."""


@dataclass(frozen=True)
class Known:
    """A row, and what the model says of it."""

    row: dict
    answer: dict


@dataclass(frozen=True)
class Fair:
    """Bytes to send, and what has to come back."""

    sent: bytes
    id: str
    content: bytes | tuple[dict, ...]
    """Words of a page, or what the model says of the rows."""

    def check(self, answer: Answer) -> None:
        """Raise unless this answer belongs to this request."""
        received = answer.status, answer.headers.get("x-request-id")
        if received != (200, self.id):
            raise WrongAnswerError(f"{received} instead of {self.id}: {answer.body[:200]!r}")
        if isinstance(self.content, tuple):
            check_answers(predictions(answer.body), self.content)
        elif self.content not in answer.body:
            raise WrongAnswerError(f"{answer.body[:200]!r} instead of a page of {self.content!r}")


def fair_request(random: Random, known: Sequence[Known]) -> Fair:
    """Return the next request; the same seed makes the same ones."""
    if random.random() < 0.3:
        path = random.choice(tuple(PAGES))
        name = _name(random)
        head = f"GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: {name}\r\n\r\n"
        return Fair(head.encode(), name, PAGES[path])
    return question(random, known)


def question(random: Random, known: Sequence[Known], more: str = "") -> Fair:
    """Return a request for predictions, with more lines in its head."""
    name, chosen = _name(random), random.choices(known, k=random.randint(1, 4))
    body = json.dumps({"rows": [sample.row for sample in chosen]}).encode()
    length = f"Content-Length: {len(body)}"
    if random.random() < 0.3:
        length, body = "Transfer-Encoding: chunked", _chunked(random, body)
    lines = f"Content-Type: application/json\r\nX-Request-ID: {name}\r\n{more}{length}\r\n\r\n"
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\n{lines}".encode()
    return Fair(head + body, name, tuple(sample.answer for sample in chosen))


def predictions(body: bytes) -> list[dict]:
    """Return the prediction for each row, without its id."""
    return [
        {key: value for key, value in prediction.items() if key != "prediction_id"}
        for prediction in json.loads(body).get("predictions", [])
    ]


def _name(random: Random) -> str:
    return f"{random.getrandbits(64):016x}"


def _chunked(random: Random, body: bytes) -> bytes:
    chunks = []
    while body:
        size = random.randint(1, len(body))
        chunks.append(b"%x\r\n%b\r\n" % (size, body[:size]))
        body = body[size:]
    return b"".join((*chunks, b"0\r\n", *((b"x: y\r\n",) * random.randrange(2)), b"\r\n"))
