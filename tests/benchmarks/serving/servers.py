"""The servers that are compared: how each is started, and where it is asked."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving import environments, load
from benchmarks.serving.model import NAME, Artifact, Learned
from harness import probe
from harness.isolated import Environment
from harness.paths import ROOT
from harness.programs import HarnessError

PEERS = Path(__file__).parent / "peers"
CODE = os.pathsep.join(str(ROOT / part) for part in ("operator", "serving"))
PATIENCE = 120
ALONE = {  # for every server: libraries that would start a thread for each core do not
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "BENTOML_DO_NOT_TRACK": "true",
}
PREDICT = "/predict"
INFER = f"/v2/models/{NAME}/infer"
ROWS = {"predict 1": PREDICT, "predict 32": PREDICT}
TENSORS = {"v2 1": INFER, "v2 32": INFER}


@dataclass(frozen=True)
class Server:
    """One server: a name for the table, its command, and the requests that it understands."""

    name: str
    environment: Environment
    command: tuple[str, ...]
    asked: Mapping[str, str]
    ready: str
    variables: Mapping[str, str] = field(default_factory=dict)
    port: int = 0


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    server: Server
    pid: int
    ready_seconds: float

    def url(self, path: str) -> str:
        """Return an address of it."""
        return f"http://127.0.0.1:{self.server.port}{path}"


def ours(
    name: str,
    artifact: Artifact,
    environment: Environment = environments.COMPILED,
    program: tuple[str, ...] = ("-m", "perennial_serving", "serve"),
) -> Server:
    """Return Perennial's own server, as its image starts it."""
    port = _free_port()
    variables = {
        "PYTHONPATH": CODE,
        "PERENNIAL_MODEL": str(artifact.folder),
        "PERENNIAL_ARTIFACT_DIGEST": artifact.digest,
        "PERENNIAL_MODEL_NAME": NAME,
        "PERENNIAL_MODEL_VERSION": f"{NAME}-1",
        "PERENNIAL_HOST": "127.0.0.1",
        "PERENNIAL_PORT": str(port),
    }
    command = (environment.program("python"), *program)
    return Server(name, environment, command, ROWS | TENSORS, "/v2/health/ready", variables, port)


def nothing() -> Server:
    """Return a server that reads a request and answers without looking at it."""
    port = _free_port()
    command = _peer(environments.COMPILED, "nothing.py", port)
    asked = {"predict 1": PREDICT}
    return Server(
        "nothing (uvloop, httptools)", environments.COMPILED, command, asked, "/", {}, port
    )


def peers(learned: Learned, folder: Path) -> list[Server]:
    """Return the other servers, with the same pipeline, as their manuals start them."""
    return [
        _mlserver("MLServer, parallel_workers=0", learned, folder / "mlserver-0", workers=0),
        _mlserver("MLServer, parallel_workers=1", learned, folder / "mlserver-1", workers=1),
        _program("KServe SDK", environments.KSERVE, "kserve_model.py", TENSORS, learned),
        _bentoml(learned, folder),
        _program("FastAPI", environments.FASTAPI, "fastapi_app.py", ROWS, learned),
    ]


def compiled_peers(learned: Learned, folder: Path) -> list[Server]:
    """Return frameworks of others with our compiled model inside."""
    inside = "our compiled model in"
    return [
        _mlserver(f"{inside} MLServer", learned, folder / "mlserver-c", workers=0, compiled=True),
        _program(
            *(f"{inside} KServe SDK", environments.KSERVE, "kserve_model.py", TENSORS, learned),
            compiled=True,
        ),
        _program(
            *(f"{inside} FastAPI", environments.FASTAPI, "fastapi_app.py", ROWS, learned),
            compiled=True,
        ),
    ]


def _program(
    name: str,
    environment: Environment,
    file: str,
    asked: Mapping[str, str],
    learned: Learned,
    *,
    compiled: bool = False,
) -> Server:
    port = _free_port()
    command = _peer(environment, file, port)
    ready = "/ready" if PREDICT in asked.values() else f"/v2/models/{NAME}/ready"
    variables = _answering(learned, compiled=compiled)
    return Server(name, environment, command, asked, ready, variables, port)


def _bentoml(learned: Learned, folder: Path) -> Server:
    port = _free_port()
    serve = ("serve", "bentoml_service:Flights", "--host", "127.0.0.1", "--port", str(port))
    home = folder / "bentoml"
    home.mkdir(parents=True)
    variables = _answering(learned, compiled=False) | {"BENTOML_HOME": str(home)}
    environment = environments.BENTOML
    command = (environment.program("bentoml"), *serve)
    return Server("BentoML", environment, command, ROWS, "/readyz", variables, port)


def _mlserver(
    name: str, learned: Learned, folder: Path, *, workers: int, compiled: bool = False
) -> Server:
    ports = [_free_port() for _ in range(3)]
    settings = dict(zip(("http_port", "grpc_port", "metrics_port"), ports, strict=True))
    implementation = "mlserver_model.Compiled" if compiled else "mlserver_sklearn.SKLearnModel"
    model = {
        "name": NAME,
        "implementation": implementation,
        "parameters": {"uri": str(learned.pipeline)},
    }
    folder.mkdir(parents=True)
    general = {"host": "127.0.0.1", "parallel_workers": workers, "debug": False}
    (folder / "settings.json").write_text(json.dumps(general | settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    environment = environments.MLSERVER
    return Server(
        name=name,
        environment=environment,
        command=(environment.program("mlserver"), "start", str(folder)),
        asked=TENSORS,
        ready=f"/v2/models/{NAME}/ready",
        variables=_answering(learned, compiled=compiled),
        port=ports[0],
    )


def _peer(environment: Environment, file: str, port: int) -> tuple[str, ...]:
    return environment.program("python"), str(PEERS / file), str(port)


def _answering(learned: Learned, *, compiled: bool) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join((str(PEERS), CODE)),
        "PIPELINE": str(learned.pipeline),
        "ARTIFACT": str(learned.artifact.folder),
        "COMPILED": "yes" if compiled else "",
    }


@contextmanager
def running(server: Server, folder: Path) -> Iterator[Running]:
    """Start a server on its core, wait until it is ready, and end it with all its children."""
    log = folder / f"{server.port}.log"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "-c", str(load.SERVER_CORE), *server.command],
            env=_environment(server),
            cwd=PEERS,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_ready(server, process, log, began)
        yield Running(server, process.pid, time.monotonic() - began)
    finally:
        _end(process)


def _environment(server: Server) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, **ALONE, **server.variables}


def _wait_ready(server: Server, process: subprocess.Popen, log: Path, began: float) -> None:
    url = f"http://127.0.0.1:{server.port}{server.ready}"
    while not probe.answers(url):
        if process.poll() is not None or time.monotonic() - began > PATIENCE:
            words = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise HarnessError(f"{server.name} does not answer {url}\n{words}")
        time.sleep(0.005)


def _end(process: subprocess.Popen) -> None:
    group = process.pid  # a session of its own: what it started is in the same group
    for sign, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        try:
            os.killpg(group, sign)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            print(f"process {group} outlives signal {sign}", file=sys.stderr)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
