"""What is sent: requests that are ready to be written, each with what must become of it."""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import numpy as np

from builders.artifact import INPUTS, MODEL, flights, rows_of
from builders.requests import binary_tensors_of, tensors_of
from perennial.artifacts.model_schema import ModelSchema

SCHEMA = ModelSchema(problem="Classification", target="late", inputs=INPUTS)
PREDICT, INFER, FEEDBACK = "/predict", f"/v2/models/{MODEL}/infer", "/feedback"
MANY_ROWS, BIG_ROWS = 32, 400  # numbers of rows
OF_EACH = 256
LABELLED = 8  # one of so many predictions gets a label later
NUMPY_CACHES_BELOW = 1024
SHARES = {  # requests of each kind in a thousand
    "predict 1": 540,
    "predict 32": 120,
    "predict 32 gzip": 10,
    "predict 400": 5,
    "v2 JSON 1": 100,
    "v2 JSON 32": 25,
    "v2 binary 1": 100,
    "v2 binary 32": 40,
    "refused": 50,
    "elsewhere": 10,
}

OnAnswer = Callable[[bytes], None]


class PlannedRequest:
    """One request; it may be sent many times."""

    __slots__ = ("answered", "data", "is_counted", "on_answer", "rows", "sent", "status")

    def __init__(
        self, data: bytes, status: int = 200, rows: int = 0, on_answer: OnAnswer | None = None
    ) -> None:
        self.data, self.status, self.rows, self.on_answer = data, status, rows, on_answer
        self.is_counted = True
        """Whether it asks for predictions, in the server's eyes."""
        self.sent = self.answered = 0


def mixed(on_answer: OnAnswer) -> tuple[PlannedRequest, ...]:
    """Return a thousand requests or more in random order, in their shares."""
    made = _kinds(on_answer)
    order = np.random.default_rng(5).permutation(
        np.repeat(np.arange(len(SHARES)), list(SHARES.values()))
    )
    kinds = [made[kind] for kind in SHARES]
    places = [count() for _ in SHARES]
    picked = (
        kinds[kind][next(places[kind]) % len(kinds[kind])] for _ in range(4) for kind in order
    )
    return tuple(picked)


def of_every_size(on_answer: OnAnswer) -> Iterator[PlannedRequest]:
    """Yield requests of one row, of two rows, and so on, with labels for some of them.

    numpy keeps up to seven freed blocks of every size below 1,024 bytes: a cache that would
    otherwise fill for hours, the slower the fuller it is, and look like a leak.
    """
    rows = rows_of(flights(NUMPY_CACHES_BELOW, seed=11))
    for size in range(1, NUMPY_CACHES_BELOW):
        yield _predict(rows[:size], None if size % LABELLED else on_answer)


def feedback(
    labels: Sequence[tuple[str, bool]], status: int, on_answer: OnAnswer
) -> PlannedRequest:
    """Return labels for predictions."""
    given = [{"id": id_, "label": label} for id_, label in labels]
    request = PlannedRequest(
        _spelled(FEEDBACK, _json({"feedback": given})), status, on_answer=on_answer
    )
    request.is_counted = False
    return request


def _kinds(on_answer: OnAnswer) -> dict[str, list[PlannedRequest]]:
    one, many = _rows(OF_EACH, 1, seed=1), _rows(OF_EACH, MANY_ROWS, seed=2)
    return {
        "predict 1": [
            _predict(rows, None if number % LABELLED else on_answer)
            for number, rows in enumerate(one)
        ],
        "predict 32": [_predict(rows) for rows in many],
        "predict 32 gzip": [_gzipped(rows) for rows in many[:20]],
        "predict 400": [_predict(rows) for rows in _rows(5, BIG_ROWS, seed=3)],
        "v2 JSON 1": [_tensors(rows) for rows in one],
        "v2 JSON 32": [_tensors(rows) for rows in many],
        "v2 binary 1": [_binary(rows) for rows in one],
        "v2 binary 32": [_binary(rows) for rows in many],
        "refused": list(_refused(one[0][0])),
        "elsewhere": list(_elsewhere()),
    }


def _rows(requests: int, rows: int, seed: int) -> list[list[dict]]:
    made = rows_of(flights(requests * rows, seed=seed))
    return [made[start : start + rows] for start in range(0, len(made), rows)]


def _predict(rows: list[dict], on_answer: OnAnswer | None = None) -> PlannedRequest:
    return PlannedRequest(
        _spelled(PREDICT, _json({"rows": rows})), rows=len(rows), on_answer=on_answer
    )


def _gzipped(rows: list[dict]) -> PlannedRequest:
    body = gzip.compress(_json({"rows": rows}))
    return PlannedRequest(_spelled(PREDICT, body, "content-encoding: gzip\r\n"), rows=len(rows))


def _tensors(rows: list[dict]) -> PlannedRequest:
    return PlannedRequest(_spelled(INFER, _json(tensors_of(SCHEMA, rows))), rows=len(rows))


def _binary(rows: list[dict]) -> PlannedRequest:
    body, headers = binary_tensors_of(SCHEMA, rows)
    more = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in headers.items())
    return PlannedRequest(_spelled(INFER, body, more), rows=len(rows))


def _refused(row: dict) -> Iterator[PlannedRequest]:
    tensors = tensors_of(SCHEMA, [row])
    tensors["inputs"][0]["shape"] = [2]
    binary, _ = binary_tensors_of(SCHEMA, [row])
    for path, body, more, status in (
        (PREDICT, _json({"rows": [{"carrier": "UA"}]}), "", 400),
        (PREDICT, _json({"rows": [{**row, "distance": "far"}]}), "", 400),
        (PREDICT, b'{"rows": [{"distance": NaN, "carrier": "UA"}]}', "", 400),
        (PREDICT, b'{"rows": [', "", 400),
        (PREDICT, _json({"rows": [row]}), "content-encoding: gzip\r\n", 400),
        (PREDICT, b"distance,carrier\r\n1400,UA", "content-type: text/csv\r\n", 415),
        (INFER, _json(tensors), "", 400),
        (INFER, binary[:-1], "inference-header-content-length: 9\r\n", 400),
    ):
        yield PlannedRequest(_spelled(path, body, more), status)


def _elsewhere() -> Iterator[PlannedRequest]:
    """Yield requests without rows; they count where predictions are to be had."""
    for path, status in ((PREDICT, 405), ("/nothing", 404), ("/v2/health/ready", 200), ("/", 200)):
        request = PlannedRequest(_spelled(path, b"", method="GET"), status)
        request.is_counted = path == PREDICT
        yield request


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


_NUMBERS = count()


def _spelled(path: str, body: bytes, more: str = "", method: str = "POST") -> bytes:
    """Return a request with the headers that a mesh adds; each has an id of its own."""
    kind = "" if "content-type" in more else "content-type: application/json\r\n"
    head = (
        f"{method} {path} HTTP/1.1\r\n"
        "host: flight-delay.delays.svc\r\n"
        "user-agent: soak/1\r\n"
        "accept: */*\r\n"
        f"x-request-id: 7d3c1f6e-{next(_NUMBERS):012d}\r\n"
        "x-forwarded-proto: http\r\n"
        f"{kind}{more}content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
