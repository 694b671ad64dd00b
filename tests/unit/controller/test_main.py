import pytest

from doubles.memory_cluster import MemoryCluster
from perennial.cluster.cache import Store
from perennial.cluster.resources import OWN
from perennial.controller.__main__ import main
from perennial.controller.reconcilers import reconcilers
from perennial.controller.settings import load

GOOD = """
stores: {default: {bucket: models}}
images: {training: "job:1", server: "server:1", serverSklearn: "sklearn:1"}
"""


def test_a_bad_configuration_ends_it_before_it_begins(tmp_path, capsys):
    file = tmp_path / "operator.yaml"
    file.write_text(GOOD.replace("models", "m"))
    assert main(["--config", str(file)]) == 2
    assert "stores.default.bucket: " in capsys.readouterr().err


def test_an_unreachable_api_server_is_one_line_and_exit_status_1(tmp_path, capsys):
    file = tmp_path / "operator.yaml"
    file.write_text(GOOD)
    assert main(["--config", str(file), "--kubeconfig", str(tmp_path / "none")]) == 1
    assert "the operator cannot start" in capsys.readouterr().err


def test_help_names_both_files(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "--config FILE" in shown
    assert "--kubeconfig FILE" in shown


def test_every_kind_has_one_reconciler(tmp_path):
    file = tmp_path / "operator.yaml"
    file.write_text(GOOD)
    assert sorted(
        each.kind for each in reconcilers(load(file), Store(), MemoryCluster())
    ) == sorted(OWN)
