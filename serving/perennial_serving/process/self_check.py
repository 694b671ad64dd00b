"""Compares the server's responses to the sample rows with the answers recorded in training."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from itertools import cycle, islice
from time import perf_counter
from typing import Any, Final

from perennial.api.reasons import JobReason
from perennial.artifacts.answers import Samples, WrongAnswerError, check_answers
from perennial.artifacts.errors import ArtifactError
from perennial_serving.endpoints.predict import SELF_CHECK_HEADER
from perennial_serving.http.messages import Request, Response

Send = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Posts a body to a path with headers; returns status and body of the response."""

_TIMEOUT_SECONDS: Final = 120.0
_PATH: Final = "/predict"
_TRIALS: Final = 5
_TRIAL_ROWS: Final = (32, 256)
_LONG_TRIAL_SECONDS: Final = 0.001
"""After a trial this slow the larger one is skipped, so that the server is ready soon."""


class SelfCheckError(ArtifactError):
    """The responses to the sample rows differ from the answers recorded in training."""

    def __init__(self, message: str) -> None:
        super().__init__(JobReason.SELF_CHECK_FAILED, message)


async def self_check(samples: Samples, send: Send, self_check_token: str) -> None:
    """Raise SelfCheckError unless every sample row gets the recorded answer."""
    headers = {"content-type": "application/json", SELF_CHECK_HEADER: self_check_token}
    try:
        response = send(_PATH, headers, _body(samples.rows))
        status, content = await asyncio.wait_for(response, _TIMEOUT_SECONDS)
        if status != HTTPStatus.OK:
            raise SelfCheckError(f"the sample rows are refused: {content.decode()}")
        check_answers(json.loads(content)["predictions"], samples.answers)
    except WrongAnswerError as error:
        raise SelfCheckError(str(error)) from error
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise SelfCheckError(f"the server does not hear itself: {error!r}") from error


def microseconds_per_row(
    handle: Callable[[Request], Response | Awaitable[Response]],
    samples: Samples,
    self_check_token: str,
) -> float | None:
    """Measure the time per row in a batch; None if the model runs outside the event loop."""
    headers = {SELF_CHECK_HEADER.encode(): self_check_token.encode()}
    microseconds = float("inf")
    for count in _TRIAL_ROWS:
        rows = list(islice(cycle(samples.rows), count))
        request = Request("POST", _PATH, headers, _body(rows))
        trials = [_seconds(handle, request) for _ in range(_TRIALS)]
        measured = [seconds for seconds in trials if seconds is not None]
        if len(measured) < len(trials):
            return None
        microseconds = min(measured) * 1e6 / count
        if min(measured) > _LONG_TRIAL_SECONDS:
            break
    return microseconds


def _seconds(
    handle: Callable[[Request], Response | Awaitable[Response]], request: Request
) -> float | None:
    """Return the time of a response; None if it is asynchronous."""
    began = perf_counter()
    response = handle(request)
    if isinstance(response, Response):
        return perf_counter() - began
    asyncio.ensure_future(response).cancel()
    return None


def _body(rows: Any) -> bytes:  # noqa: ANN401 - rows are what JSON can spell
    return json.dumps({"rows": rows}).encode()
