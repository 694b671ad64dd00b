"""Every request in docs/asking-a-model.md is answered as the page says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from builders.artifact import artifact
from builders.service import Served

PAGE = (Path(__file__).parents[2] / "docs" / "asking-a-model.md").read_text()
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
REQUESTS = re.findall(r"^curl \$MODEL(\S+) -d ('[^']*')(?: +# (\d+))?$", SHELL, re.MULTILINE)
ANSWERS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(artifact(tmp_path_factory.mktemp("docs") / "model"))


def answer(served: Served, request: tuple[str, str, str]) -> dict:
    path, body, status = request
    response = served.post(path, shlex.split(body)[0].encode())
    assert response.status == int(status or 200)
    return json.loads(response.body)


def shape(value):
    """Return what stays of an answer without its numbers: keys, words and lengths."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return value if isinstance(value, str) else type(value).__name__


def test_every_request_of_the_page_is_found():
    assert len(REQUESTS) == PAGE.count("\ncurl $MODEL/")


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_answered(served: Served, request_):
    assert answer(served, request_)


def test_the_answers_have_the_shape_that_the_page_shows(served: Served):
    shown = [REQUESTS[0], REQUESTS[3], REQUESTS[4]]
    assert [shape(answer(served, request)) for request in shown] == [shape(one) for one in ANSWERS]
