import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from perennial.cluster.cache import Cache
from perennial.cluster.resources import OWN, RESOURCES
from perennial.controller.__main__ import main
from perennial.controller.reconcilers import Clients, reconcilers
from perennial.controller.settings import load

GOOD = """
stores: {default: {bucket: models}}
images: {training: "job:1", server: "server:1", serverSklearn: "sklearn:1"}
"""


@pytest.fixture(autouse=True)
def _logging():
    """Give the root logger its handlers back: the process sets its own."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def test_an_invalid_configuration_ends_the_start(tmp_path, capsys):
    file = tmp_path / "operator.yaml"
    file.write_text(GOOD.replace("models", "m"))
    assert main(["--config", str(file)]) == 2
    assert "stores.default.bucket: " in capsys.readouterr().err


def test_a_missing_kubeconfig_is_one_line_and_exit_status_1(tmp_path, capsys):
    file = tmp_path / "operator.yaml"
    file.write_text(GOOD)
    assert main(["--config", str(file), "--kubeconfig", str(tmp_path / "none")]) == 1
    assert "the operator cannot start" in capsys.readouterr().err


class _Bare(BaseHTTPRequestHandler):
    """An API server without the CRDs of this project."""

    def do_GET(self):
        kinds = [each for each in RESOURCES.values() if each.root == self.path]
        found = [{"name": each.plural, "kind": each.kind, "verbs": ["watch"]} for each in kinds]
        is_served = found and not {each.kind for each in kinds} & set(OWN)
        self.send_response(200 if is_served else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"resources": found if is_served else []}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def bare(tmp_path):
    """Return a kubeconfig of an API server without the CRDs of this project."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bare)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    context = {"cluster": "bare", "user": "bare"}
    content = {
        "current-context": "bare",
        "contexts": [{"name": "bare", "context": context}],
        "clusters": [
            {"name": "bare", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
        ],
        "users": [{"name": "bare", "user": {}}],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(content))
    yield file
    server.shutdown()
    thread.join()
    server.server_close()


def test_missing_definitions_end_it_with_the_way_to_install_them(tmp_path, bare, capsys):
    file = tmp_path / "operator.yaml"
    file.write_text(f"{GOOD}\nlease: {{enabled: false}}\nport: 0\n")
    assert main(["--config", str(file), "--kubeconfig", str(bare)]) == 1
    message = capsys.readouterr().err
    assert "does not serve Dataset (perennial.dev/v1alpha1)" in message
    assert "`kubectl apply -f crds/`" in message
    assert "Traceback" not in message


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
        each.kind for each in reconcilers(load(file), Cache(), Clients(*[None] * 5))
    ) == sorted(OWN)
