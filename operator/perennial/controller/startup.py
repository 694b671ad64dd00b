"""The life of the process: stand by, lead, watch and work, and stop within two seconds."""

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Collection, Coroutine
from pathlib import Path
from typing import Any, Final

import kopf
from kubernetes.aio.config import ConfigException

from perennial.api.configuration import Configuration
from perennial.cluster.api import connection
from perennial.cluster.discovery import MissingKindsError
from perennial.cluster.errors import ApiError, FencedError
from perennial.cluster.lease import Elector, LeaseLostError
from perennial.controller import handlers
from perennial.controller.health import Server, Stage
from perennial.controller.parts import Parts, assemble
from perennial.controller.reconcilers import Build

log = logging.getLogger(__name__)

WORKERS: Final = 16

_SHUTDOWN_SECONDS: Final = 1.0

Duty = Coroutine[Any, Any, Any]


class OperatorError(Exception):
    """The process cannot continue; a new one may succeed."""


async def run(configuration: Configuration, kubeconfig: Path | None, build: Build) -> None:
    """Run until a signal arrives or a successor is needed; raise OperatorError on a failure."""
    stop = asyncio.Event()
    _handle_signals(stop)
    try:
        parts = assemble(configuration, await connection(kubeconfig), build)
        server = Server(configuration.port, parts.health, parts.metrics.registry)
    except (ConfigException, OSError) as error:
        raise OperatorError(f"the operator cannot start: {error}") from error
    beating = asyncio.create_task(_beat(parts))
    try:
        if parts.elector is None or await _done(parts.elector.acquire(), stop):
            await _lead(parts, stop)
    finally:
        await _end([beating])
        await _resign(parts)
        server.close()


async def _lead(parts: Parts, stop: asyncio.Event) -> None:
    parts.health.stage = Stage.SYNCING
    keeping = asyncio.create_task(_keep(parts.elector))
    try:
        if await _done(_fill(parts), stop):
            parts.health.stage = Stage.LEADING
            await _work(parts, keeping, stop)
    finally:
        await _end([keeping])


async def _fill(parts: Parts) -> None:
    try:
        await parts.resync.fill()
    except MissingKindsError as error:
        raise OperatorError(str(error)) from None
    except ApiError as error:
        raise OperatorError(f"the cluster cannot be read: {error}") from error


async def _work(parts: Parts, keeping: asyncio.Task[Any], stop: asyncio.Event) -> None:
    """Watch and work until a signal arrives or a task ends."""
    resyncing = asyncio.create_task(parts.resync.run(random.random))
    working = [asyncio.create_task(_fenced(parts.worker.work())) for _ in range(WORKERS)]
    stopping = asyncio.create_task(stop.wait())
    watching = await _watch(parts)
    _handle_signals(stop)  # kopf has replaced the handlers, and takes 5 s to stop
    tasks = [keeping, resyncing, stopping, *working, *watching]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await _end(tasks)
    if resyncing in done and _cause({resyncing}) is None:
        log.warning("the operator ends so that its successor watches the new kinds")
    elif stopping not in done:
        raise OperatorError("a watch or a worker has ended") from _cause(done)


async def _watch(parts: Parts) -> Collection[asyncio.Task[Any]]:
    namespaces = parts.configuration.watch_namespaces
    return await kopf.spawn_tasks(
        registry=handlers.registry(parts.feed, parts.metrics, parts.connection, parts.resync.kinds),
        settings=handlers.settings(),
        identity="perennial",  # type: ignore[arg-type] # by default kopf looks up the user name of the pod
        standalone=True,
        clusterwide=not namespaces,
        namespaces=namespaces,
    )


async def _keep(elector: Elector | None) -> None:
    if elector is None:
        await asyncio.Event().wait()
    else:
        await _fenced(elector.keep())


async def _fenced(duty: Duty) -> None:
    """End the process at once when the lease is lost: its cache may be outdated already."""
    try:
        await duty
    except (LeaseLostError, FencedError) as error:
        log.critical("the lead is lost", extra={"error": str(error)})
        os._exit(1)


async def _beat(parts: Parts) -> None:
    while True:
        due = time.monotonic() + 1.0
        await asyncio.sleep(1.0)
        parts.health.beat()
        parts.metrics.beat(late=time.monotonic() - due)


async def _resign(parts: Parts) -> None:
    try:
        if parts.elector is not None:
            await parts.elector.release()
    except ApiError as error:
        log.warning("the lease was not released", extra={"error": str(error)})
    await parts.close()


def _handle_signals(stop: asyncio.Event) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)


async def _done(duty: Duty, stop: asyncio.Event) -> bool:
    """Run a coroutine until it is done or the process stops; return whether it is done."""
    doing, stopping = asyncio.create_task(duty), asyncio.create_task(stop.wait())
    await asyncio.wait([doing, stopping], return_when=asyncio.FIRST_COMPLETED)
    done = doing.done()
    await _end([stopping] if done else [doing, stopping])
    if done:
        doing.result()
    return done


async def _end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and leave behind those that ignore the cancellation."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_SHUTDOWN_SECONDS)


def _cause(done: set[asyncio.Task[Any]]) -> BaseException | None:
    errors = (task.exception() for task in done if not task.cancelled())
    return next((error for error in errors if error is not None), None)
