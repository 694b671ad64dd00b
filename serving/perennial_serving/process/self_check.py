"""The server asks itself, through its own HTTP, what the model was asked when it was trained."""

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
from perennial_serving.endpoints.predict import OWN_CHECK
from perennial_serving.http.messages import Request, Response

Ask = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Posts a body with headers to a path, and returns status and body of what is answered."""

_PATIENCE_SECONDS: Final = 120.0
_PATH: Final = "/predict"
_TRIALS: Final = 5
_TRIAL_ROWS: Final = (32, 256)
_LONG_TRIAL_SECONDS: Final = 0.001
"""A slow model is not asked many rows: the server is to be ready soon."""


class SelfCheckError(ArtifactError):
    """The server does not answer its sample rows as the model did when it was trained."""

    def __init__(self, message: str) -> None:
        """Say which row, and how its answer differs."""
        super().__init__(JobReason.SELF_CHECK_FAILED, message)


async def self_check(samples: Samples, ask: Ask, pass_phrase: str) -> None:
    """Raise unless the server answers every sample row as it must."""
    headers = {"content-type": "application/json", OWN_CHECK: pass_phrase}
    try:
        asked = ask(_PATH, headers, _body(samples.rows))
        status, content = await asyncio.wait_for(asked, _PATIENCE_SECONDS)
        if status != HTTPStatus.OK:
            raise SelfCheckError(f"the sample rows are refused: {content.decode()}")
        check_answers(json.loads(content)["predictions"], samples.answers)
    except WrongAnswerError as error:
        raise SelfCheckError(str(error)) from error
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise SelfCheckError(f"the server does not hear itself: {error!r}") from error


def microseconds_per_row(
    handle: Callable[[Request], Response | Awaitable[Response]], samples: Samples, pass_phrase: str
) -> float | None:
    """Measure what a row takes among others; None where requests wait for each other anyway."""
    headers = {OWN_CHECK.encode(): pass_phrase.encode()}
    microseconds = float("inf")
    for count in _TRIAL_ROWS:
        rows = list(islice(cycle(samples.rows), count))
        request = Request("POST", _PATH, headers, _body(rows))
        trials = [_seconds(handle, request) for _ in range(_TRIALS)]
        told = [seconds for seconds in trials if seconds is not None]
        if len(told) < len(trials):
            return None
        microseconds = min(told) * 1e6 / count
        if min(told) > _LONG_TRIAL_SECONDS:
            break
    return microseconds


def _seconds(
    handle: Callable[[Request], Response | Awaitable[Response]], request: Request
) -> float | None:
    """Return how long an answer takes; None if it comes later."""
    began = perf_counter()
    response = handle(request)
    if isinstance(response, Response):
        return perf_counter() - began
    asyncio.ensure_future(response).cancel()
    return None


def _body(rows: Any) -> bytes:  # noqa: ANN401 - rows are what JSON can spell
    return json.dumps({"rows": rows}).encode()
