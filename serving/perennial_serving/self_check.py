"""The server asks itself, through its own socket, what the model was asked when it was trained."""

import json
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from perennial.api.reasons import JobReason
from perennial.artifacts.answers import Samples, WrongAnswerError, check_answers
from perennial.artifacts.errors import ArtifactError
from perennial_serving.http.routes import OWN_CHECK

_PATIENCE_SECONDS: Final = 120.0


class SelfCheckError(ArtifactError):
    """The server does not answer its sample rows as the model did when it was trained."""

    def __init__(self, message: str) -> None:
        """Say which row, and how its answer differs."""
        super().__init__(JobReason.SELF_CHECK_FAILED, message)


def self_check(samples: Samples, host: str, port: int, pass_phrase: str) -> None:
    """Raise unless the process answers every sample row as it must."""
    try:
        check_answers(_ask(samples, host, port, pass_phrase), samples.answers)
    except WrongAnswerError as error:
        raise SelfCheckError(str(error)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise SelfCheckError(f"the server does not hear itself: {error!r}") from error


def _ask(samples: Samples, host: str, port: int, pass_phrase: str) -> list[Any]:
    connection = HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    headers = {"content-type": "application/json", OWN_CHECK: pass_phrase, "connection": "close"}
    try:
        connection.request("POST", "/predict", json.dumps({"rows": samples.rows}), headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise SelfCheckError(f"the sample rows are refused: {content.decode()}")
    predictions: list[Any] = json.loads(content)["predictions"]
    return predictions
