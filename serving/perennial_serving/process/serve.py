"""`serve`: opens sockets and shared memory, then starts the supervisor and its workers."""

import logging
import secrets
import time

from perennial.cpu_limit import cpus
from perennial_serving.counters.shared import Shared
from perennial_serving.process.assembly import WorkerContext
from perennial_serving.process.lifecycle import ConnectionCounts, DrainLimits, ParentPipe
from perennial_serving.process.sockets import BACKLOG
from perennial_serving.process.supervisor import Supervisor, listen
from perennial_serving.process.worker import WorkerSlot, work
from perennial_serving.settings import ServeSettings

log = logging.getLogger(__name__)


def serve(settings: ServeSettings, started: float) -> int:
    """Serve until SIGTERM; return the exit code."""

    def ready() -> None:
        seconds = time.time() - started
        log.info(
            "%s is ready after %.2f s on port %d, workers: %d",
            *(settings.version, seconds, settings.port, len(slots)),
        )

    slots = _slots(settings)
    drain = DrainLimits(settings.accept_seconds, settings.drain_seconds)
    supervisor = Supervisor(slots, lambda slot: work(settings, slot), drain)
    return supervisor.run(ready)


def _slots(settings: ServeSettings) -> list[WorkerSlot]:
    """Create what outlives the workers."""
    workers = settings.workers or cpus()
    shared, connection_counts, key = (
        Shared.create(workers),
        ConnectionCounts(workers),
        prediction_key(settings),
    )
    parent_pipe = ParentPipe()
    listeners = listen(settings.host, settings.port, workers, BACKLOG)
    return [
        WorkerSlot(WorkerContext(worker, shared, key), listeners, connection_counts, parent_pipe)
        for worker in range(workers)
    ]


def prediction_key(settings: ServeSettings) -> bytes:
    """Return the deployment's key, or a random one that ends with the process."""
    if settings.key is not None:
        return settings.key
    log.warning(
        "PERENNIAL_PREDICTION_KEY is not set: labels are accepted only until this process ends"
    )
    return secrets.token_bytes(32)
