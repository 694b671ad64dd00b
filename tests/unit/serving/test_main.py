import json
import logging
import signal
from pathlib import Path

import pytest

from perennial_serving.__main__ import main


@pytest.fixture(autouse=True)
def signals_as_before():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("arguments", [["--help"], ["fetch", "--help"], ["serve", "--help"]])
def test_every_command_explains_itself(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert "usage: python -m perennial_serving" in capsys.readouterr().out


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(["train"])
    assert left.value.code == 2
    assert "invalid choice: 'train'" in capsys.readouterr().err


def test_what_is_missing_is_named_where_the_kubelet_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setenv("PERENNIAL_REPORT_FILE", str(tmp_path / "report"))
    monkeypatch.delenv("PERENNIAL_STORE", raising=False)
    assert main(["fetch"]) == 1
    assert (
        "PERENNIAL_STORE: Field required"
        in json.loads((tmp_path / "report").read_text())["message"]
    )
