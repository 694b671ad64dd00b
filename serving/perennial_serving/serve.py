"""`serve`: verify, load, listen, prove, and only then be ready."""

import asyncio
import gc
import logging
import socket
import time

import uvloop

from perennial.artifacts.answers import load_samples
from perennial_serving.http.asgi import Application
from perennial_serving.http.routes import Service
from perennial_serving.http.server import DrainingServer
from perennial_serving.lifecycle import Lifecycle
from perennial_serving.metrics import Metrics
from perennial_serving.model import ServedModel
from perennial_serving.self_check import self_check
from perennial_serving.settings import ServeSettings

log = logging.getLogger(__name__)

_BACKLOG = 2048
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to call oneself there


def serve(settings: ServeSettings, started: float) -> None:
    """Serve until asked to end; raise when the model cannot be served as it was trained."""
    model = ServedModel.load(settings.name, settings.version, settings.digest, settings.folder)
    # the model is for ever: collections need not look at it again
    gc.collect()
    gc.freeze()
    with _listen(settings.host, settings.port) as listener:
        uvloop.run(_serve(settings, model, listener, started))


async def _serve(
    settings: ServeSettings, model: ServedModel, listener: socket.socket, started: float
) -> None:
    lifecycle = Lifecycle()
    metrics = Metrics(model.name, model.version, model.digest, started)
    service = Service(model, settings.limits, metrics, lifecycle)
    application = Application(service, lifecycle, model.version, settings.body_bytes)
    server = DrainingServer(application, lifecycle, settings.drain_seconds)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.to_thread(
            self_check,
            load_samples(settings.folder),
            _LOOPBACK.get(settings.host, settings.host),
            settings.port,
            lifecycle.pass_phrase,
        )
        lifecycle.verified = True
        seconds = time.time() - started
        log.info("%s is ready after %.2f s on port %d", model.version, seconds, settings.port)
    except BaseException:
        server.should_exit = True
        raise
    finally:
        await serving


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)
