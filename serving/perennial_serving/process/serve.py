"""`serve`: sockets and shared memory first, then the workers that verify, load, prove and serve."""

import logging
import secrets
import time

from perennial_serving.counters.shared import Shared
from perennial_serving.process.assembly import Place
from perennial_serving.process.cpu_limit import workers_allowed
from perennial_serving.process.lifecycle import Board, Lifeline
from perennial_serving.process.sockets import BACKLOG
from perennial_serving.process.supervisor import Supervisor, listen
from perennial_serving.process.worker import Post, work
from perennial_serving.settings import ServeSettings

log = logging.getLogger(__name__)


def serve(settings: ServeSettings, started: float) -> int:
    """Serve until asked to end; return the exit code, with the reason left where it is read."""

    def ready() -> None:
        seconds = time.time() - started
        log.info(
            "%s is ready after %.2f s on port %d, workers: %d",
            *(settings.version, seconds, settings.port, len(posts)),
        )

    posts = _posts(settings)
    supervisor = Supervisor(posts, lambda post: work(settings, post), settings.drain_seconds)
    return supervisor.run(ready)


def _posts(settings: ServeSettings) -> list[Post]:
    """Make what outlives the workers."""
    number = settings.workers or workers_allowed()
    shared, board, key = Shared.create(number), Board(number), prediction_key(settings)
    lifeline = Lifeline()
    listeners = listen(settings.host, settings.port, number, BACKLOG)
    return [
        Post(Place(worker, shared, key), listeners, board, lifeline) for worker in range(number)
    ]


def prediction_key(settings: ServeSettings) -> bytes:
    """Return the deployment's key, or one that no other process has."""
    if settings.key is not None:
        return settings.key
    log.warning("no PERENNIAL_PREDICTION_KEY: labels of predictions are taken until the pod ends")
    return secrets.token_bytes(32)
