import io

import pytest
from rich.console import Console

from demo import live

NAMES = {
    "Dataset": "flights",
    "Model": "flight-delay",
    "ModelVersion": "flight-delay-1-5f0c2b7a9d",
    "ModelDeployment": "flight-delay",
}


def manifest(kind, name, version="1", **condition):
    ready = {"type": "Ready", "status": "False", **condition}
    metadata = {"name": name, "uid": f"{kind}/{name}", "resourceVersion": version}
    return {"kind": kind, "metadata": metadata, "status": {"conditions": [ready]}}


@pytest.fixture
def objects():
    message = "attempt 1 of 4: container work of pod flight-delay-1-abcde has been at it for 20 s"
    return [
        manifest(kind, name, reason="ProgressDeadlineExceeded", message=message)
        for kind, name in NAMES.items()
    ]


def drawn(objects, columns):
    console = Console(file=io.StringIO(), width=columns)
    console.print(live.view(objects, 12.5))
    return console.file.getvalue()


def test_a_terminal_of_80_columns_shows_every_name_and_reason_whole(objects):
    text = drawn(objects, 80)

    assert max(map(len, text.splitlines())) <= 80
    for word in (*NAMES, *NAMES.values(), "ProgressDeadlineExceeded"):
        assert word in text


def test_patience_begins_anew_with_every_change():
    stages = live.Stages()

    stages.see([manifest("Model", "delay")], 1.0)
    stages.see([manifest("Model", "delay")], 9.0)
    assert stages.changed == 1.0
    stages.see([manifest("Model", "delay", version="2")], 20.0)
    assert stages.changed == 20.0


def test_a_kind_is_ready_from_the_first_time_on():
    stages = live.Stages()

    stages.see([manifest("Model", "delay", status="True")], 3.0)
    stages.see([manifest("Model", "delay", status="True")], 4.0)

    assert stages.ready == {"Model": 3.0}
