"""Runs one worker per slot, restarts workers that die, and shuts all of them down together.

It owns what outlives a worker: the counters, and the listening sockets, so that other workers can
accept waiting connections. It has one thread and no event loop, because it forks.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Final

from perennial.api.reasons import JobReason
from perennial.artifacts.errors import ArtifactError
from perennial_serving.process.failure_report import write_failure_report
from perennial_serving.process.lifecycle import DrainLimits
from perennial_serving.process.worker import FINISH, WorkerSlot

log = logging.getLogger(__name__)

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_POLL_SECONDS: Final = 0.05
_NO_CONNECTION_SECONDS: Final = 0.5
_SHORT_RUN_SECONDS: Final = 10.0
_LONGEST_BACKOFF_SECONDS: Final = 30.0
_EXIT_SECONDS: Final = 15.0
_MOST_FAILED_STARTS: Final = 3

EXIT_REPORTED: Final = 1
"""Exit code of a worker that wrote its own failure report."""


class WorkerLostError(ArtifactError):
    """A worker ended before it was ready, without a failure report."""

    def __init__(self, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        message = f"a worker ended by {how} before it was ready"
        hint = "; the memory limit may be too low" if code == -signal.SIGKILL else ""
        super().__init__(JobReason.INTERNAL_ERROR, message + hint)


class Supervisor:
    """Runs `work` in one forked process per slot."""

    def __init__(
        self, slots: Sequence[WorkerSlot], work: Callable[[WorkerSlot], None], drain: DrainLimits
    ) -> None:
        self._slots = slots
        self._work = work
        self._drain = drain
        self._workers: dict[int, WorkerSlot] = {}
        self._started: dict[int, float] = {}
        self._due: dict[int, tuple[float, WorkerSlot]] = {}
        self._short_runs = dict.fromkeys(range(len(slots)), 0)
        self._failed_starts = dict.fromkeys(range(len(slots)), 0)
        self._was_ready = False
        self._failed = False
        self._drain_until: float | None = None
        self._accept_until = 0.0
        self._last_connected = 0.0

    def run(self, on_ready: Callable[[], None]) -> int:
        """Run until every worker has ended; return the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for slot in self._slots:
            self._start(slot)
        while self._workers or self._due:
            received = signal.sigtimedwait(_SIGNALS, _POLL_SECONDS if self._is_waiting else 1.0)
            self._check_readiness(on_ready)
            if received is not None and received.si_signo != signal.SIGCHLD:
                self._begin_shutdown(at_once=received.si_signo == signal.SIGINT)
            self._reap()
            if self._may_finish():
                self._finish()
            self._start_due()
        return EXIT_REPORTED if self._failed else 0

    @property
    def _is_waiting(self) -> bool:
        return bool(self._due) or not self._was_ready or self._drain_until is not None

    @property
    def _is_over(self) -> bool:
        """Whether the drain has timed out."""
        return self._drain_until is not None and time.monotonic() >= self._drain_until

    def _start(self, slot: WorkerSlot) -> None:
        self._started[slot.context.worker] = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os._exit(self._run_worker(slot))
        self._workers[pid] = slot
        if self._drain_until is not None:
            os.kill(pid, signal.SIGTERM)

    def _run_worker(self, slot: WorkerSlot) -> int:
        """Run a worker in the forked process; return its exit code."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the supervisor as well
        # SIGTERM stays blocked until the worker serves, for connections waiting at its socket
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGCHLD})
        slot.parent_pipe.close_write_end()
        try:
            self._work(slot)
        except Exception as error:  # noqa: BLE001 - any error that ends a worker must reach the status
            write_failure_report(error)
            return EXIT_REPORTED
        return 0

    def _check_readiness(self, on_ready: Callable[[], None]) -> None:
        if not self._was_ready and all(slot.context.memory.ready for slot in self._slots):
            self._was_ready = True
            on_ready()

    def _reap(self) -> None:
        """Collect ended workers, and count starts that never became ready."""
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            slot = self._workers.pop(pid, None)
            if slot is not None:  # the first process of a container inherits orphans
                worker, memory = slot.context.worker, slot.context.memory
                self._failed_starts[worker] = 0 if memory.ready else self._failed_starts[worker] + 1
                memory.ready = False
                self._handle_exit(slot, status)

    def _handle_exit(self, slot: WorkerSlot, status: int) -> None:
        if self._is_over:
            return
        if self._was_ready:
            slot.context.memory.count_death()
        if self._was_ready and self._failed_starts[slot.context.worker] < _MOST_FAILED_STARTS:
            self._schedule_restart(slot, status)
            return
        if os.waitstatus_to_exitcode(status) != EXIT_REPORTED:
            write_failure_report(WorkerLostError(status))
        self._failed = True
        if self._was_ready:
            self._stop_restarting(slot)
        else:
            self._drain_until = 0.0
            self._send_signal(signal.SIGKILL)

    def _stop_restarting(self, slot: WorkerSlot) -> None:
        """Stop restarting a worker and shut down; the other workers accept its connections."""
        worker = slot.context.worker
        log.error(
            "worker %d did not become ready in %d starts: shutting down",
            worker,
            _MOST_FAILED_STARTS,
        )
        slot.connection_counts.set(worker, 0)
        if self._drain_until is None:
            self._begin_shutdown(at_once=False)

    def _schedule_restart(self, slot: WorkerSlot, status: int) -> None:
        worker, now = slot.context.worker, time.monotonic()
        slot.connection_counts.reset(worker)
        seconds = now - self._started[worker]
        short = self._short_runs[worker] + 1 if seconds < _SHORT_RUN_SECONDS else 0
        self._short_runs[worker] = short
        # the first restart is immediate: connections may be waiting at the socket
        backoff = min(_LONGEST_BACKOFF_SECONDS, 2.0**short / 4) if short > 1 else 0.0
        code = os.waitstatus_to_exitcode(status)
        log.error("worker %d ended with code %d after %.1f s: restarting", worker, code, seconds)
        self._due[worker] = now + backoff, slot

    def _start_due(self) -> None:
        now = time.monotonic()
        for worker, (due, slot) in tuple(self._due.items()):
            if now >= due:
                del self._due[worker]
                self._start(slot)

    def _begin_shutdown(self, *, at_once: bool) -> None:
        """Drain; a second signal, SIGINT, or a signal before readiness ends at once."""
        now = time.monotonic()
        if at_once or self._drain_until is not None or not self._was_ready:
            self._drain_until = 0.0
        else:
            self._drain_until = now + self._drain.longest
            self._accept_until = now + self._drain.shortest
        self._last_connected = now
        self._send_signal(signal.SIGTERM)

    def _may_finish(self) -> bool:
        """Whether no connection has been open or can be expected, or the drain has timed out."""
        if self._drain_until is None:
            return False
        now = time.monotonic()
        if not self._slots[0].connection_counts.all_closed:
            self._last_connected = now
        is_quiet = now - self._last_connected >= _NO_CONNECTION_SECONDS
        return self._is_over or (is_quiet and now >= self._accept_until)

    def _finish(self) -> None:
        """Close the sockets, and wait for requests in flight."""
        self._drain_until = 0.0
        self._due.clear()
        for listener in self._slots[0].listeners:
            listener.close()
        self._send_signal(FINISH)
        deadline = time.monotonic() + _EXIT_SECONDS
        while self._workers and time.monotonic() < deadline:
            signal.sigtimedwait(_SIGNALS, _POLL_SECONDS)
            self._reap()
        self._send_signal(signal.SIGKILL)
        while self._workers:
            signal.sigtimedwait(_SIGNALS, _POLL_SECONDS)
            self._reap()

    def _send_signal(self, what: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, what)


def listen(host: str, port: int, number: int, backlog: int) -> list[socket.socket]:
    """Open several sockets on one port; the kernel distributes connections among them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listeners = [
        socket.create_server((host, port), family=family, backlog=backlog, reuse_port=number > 1)
        for _ in range(number)
    ]
    for listener in listeners:
        listener.settimeout(
            0
        )  # the flag is shared with duplicates: one blocking socket would block every worker
    return listeners
