import json
import logging

import pytest

from perennial.controller import logs


@pytest.fixture(autouse=True)
def _as_before():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def test_every_record_is_one_line_of_json(capsys):
    logs.to_json()
    logging.getLogger("perennial.somewhere").warning("a\nb", extra={"kind": "Dataset"})
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert record["level"] == "WARNING"
    assert record["logger"] == "perennial.somewhere"
    assert record["message"] == "a\nb"
    assert record["kind"] == "Dataset"
    assert record["time"].endswith("+00:00")


def test_messages_of_kopf_about_every_event_are_left_out(capsys):
    logs.to_json()
    logging.getLogger("kopf.objects").info("Handler succeeded")
    logging.getLogger("kopf.objects").warning("something is wrong")
    assert len(capsys.readouterr().err.splitlines()) == 1
