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
from perennial.cluster.errors import ApiError, Fenced
from perennial.cluster.lease import Elector, LeaseLost
from perennial.controller import handlers as watches
from perennial.controller.health import Server, Stage
from perennial.controller.parts import Build, Parts, assemble

log = logging.getLogger(__name__)

WORKERS: Final = 16

_LONGEST_GOODBYE: Final = 1.0

Duty = Coroutine[Any, Any, Any]


class Failed(Exception):  # noqa: N818 - it ends the process
    """The process cannot go on; a new one may."""


async def run(configuration: Configuration, kubeconfig: Path | None, build: Build) -> None:
    """Run until a signal asks to stop; raise Failed when something else ends it."""
    stop = asyncio.Event()
    _heed_signals(stop)
    try:
        parts = assemble(configuration, await connection(kubeconfig), build)
        server = Server(configuration.port, parts.health, parts.measures.registry)
    except (ConfigException, OSError) as error:
        raise Failed(f"the operator cannot start: {error}") from error
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
        filled = await _done(parts.sweep.fill(), stop)
    except ApiError as error:
        raise Failed(f"the cluster cannot be read: {error}") from error
    if filled:
        parts.health.stage = Stage.LEADING
        await _work(parts, keeping, stop)
    await _end([keeping])


async def _work(parts: Parts, keeping: asyncio.Task[Any], stop: asyncio.Event) -> None:
    """Watch and work until the end, whoever brings it."""
    sweeping = asyncio.create_task(parts.sweep.run(parts.resync, random.random))
    working = [asyncio.create_task(_fenced(parts.worker.work())) for _ in range(WORKERS)]
    stopping = asyncio.create_task(stop.wait())
    watching = await _watch(parts)
    _heed_signals(stop)  # kopf has just taken them, and its own way to stop takes 5 s
    tasks = [keeping, sweeping, stopping, *working, *watching]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await _end(tasks)
    if stopping not in done:
        raise Failed("a watch or a worker has ended") from _cause(done)


async def _watch(parts: Parts) -> Collection[asyncio.Task[Any]]:
    namespaces = parts.configuration.watch_namespaces
    return await kopf.spawn_tasks(
        registry=watches.registry(parts.feed, parts.measures, parts.connection),
        settings=watches.settings(),
        identity="perennial",  # type: ignore[arg-type] # else kopf looks for the pod's user by name
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
    """End the process at once when the lead is lost: what it knows may be outdated already."""
    try:
        await duty
    except (LeaseLost, Fenced) as error:
        log.critical("the lead is lost", extra={"error": str(error)})
        os._exit(1)


async def _beat(parts: Parts) -> None:
    while True:
        due = time.monotonic() + 1.0
        await asyncio.sleep(1.0)
        parts.health.beat()
        parts.measures.beat(late=time.monotonic() - due)


async def _resign(parts: Parts) -> None:
    try:
        if parts.elector is not None:
            await parts.elector.release()
    except ApiError as error:
        log.warning("the lease was not released", extra={"error": str(error)})
    await parts.cluster.close()


def _heed_signals(stop: asyncio.Event) -> None:
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)


async def _done(duty: Duty, stop: asyncio.Event) -> bool:
    """Do something unless asked to stop before it is done; tell whether it was done."""
    doing, stopping = asyncio.create_task(duty), asyncio.create_task(stop.wait())
    await asyncio.wait([doing, stopping], return_when=asyncio.FIRST_COMPLETED)
    done = doing.done()
    await _end([stopping] if done else [doing, stopping])
    if done:
        doing.result()
    return done


async def _end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks; those that do not heed it are left behind."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_LONGEST_GOODBYE)


def _cause(done: set[asyncio.Task[Any]]) -> BaseException | None:
    errors = (task.exception() for task in done if not task.cancelled())
    return next((error for error in errors if error is not None), None)
