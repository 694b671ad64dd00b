"""Every request in docs/requesting-predictions.md gets the response that the page shows."""

import json
import re
import shlex
from pathlib import Path

import pytest

from builders.small_model import ROW
from doubles.service import Served

PAGE = (Path(__file__).parents[2] / "docs" / "requesting-predictions.md").read_text()
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
REQUEST = re.compile(
    r"^curl \$MODEL(\S+)(?: -H '(\S+): (\S+)')? -d ('[^']*')(?: +# (\d+))?$", re.MULTILINE
)
REQUESTS = REQUEST.findall(SHELL)
ANSWERS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
ROWS, TENSORS, NAMED, LABEL, LABELS, MISTAKE = (REQUESTS[index] for index in (0, 3, 4, 5, 6, 7))
PREDICTION_ID = re.compile(r"Ag[\w-]+(?:\.\.\.)?")


class Reader:
    """A reader of the page, who has prediction ids of their own."""

    def __init__(self) -> None:
        self.served = Served(revision=NAMED[2])
        shown = sorted(set(PREDICTION_ID.findall(LABELS[3])))
        body = self.served.post("/predict", [ROW] * len(shown)).body
        own = [one["prediction_id"] for one in json.loads(body)["predictions"]]
        self.ids = dict(zip(shown, own, strict=True))

    def ask(self, request: tuple[str, str, str, str, str]) -> dict:
        path, header, value, quoted, status = request
        headers = {header.encode(): value.encode()} if header else {}
        body = PREDICTION_ID.sub(lambda shown: self.ids[shown[0]], shlex.split(quoted)[0])
        response = self.served.post(path, body.encode(), headers)
        assert response.status == int(status or 200)
        return json.loads(response.body)


def shape(value):
    """Return what stays of an answer without its numbers and ids: keys, words and lengths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, str):
        return "an id" if PREDICTION_ID.fullmatch(value) else value
    return type(value).__name__


def test_every_request_of_the_page_is_found():
    assert len(REQUESTS) == PAGE.count("\ncurl $MODEL/")


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_answered(request_):
    assert Reader().ask(request_)


def test_the_answers_have_the_shape_that_the_page_shows():
    reader = Reader()
    reader.ask(LABEL)
    told = [reader.ask(request) for request in (ROWS, TENSORS, LABELS, MISTAKE)]
    assert [shape(one) for one in told] == [shape(one) for one in ANSWERS]
