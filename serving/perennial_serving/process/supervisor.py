"""Keeps one worker at each post, replaces those that die, and ends them all together.

It keeps what outlives a worker: the listening socket, whose waiting connections another worker
accepts, and the counts. It runs one thread and no event loop, because it forks.
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
from perennial_serving.process.failure_report import leave_epitaph
from perennial_serving.process.worker import FINISH, Post

log = logging.getLogger(__name__)

_HEARD: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_GLANCE_SECONDS: Final = 0.05
_DESERTED_SECONDS: Final = 0.5
_SHORT_LIFE_SECONDS: Final = 10.0
_LONGEST_PAUSE_SECONDS: Final = 30.0
_LEAVING_SECONDS: Final = 15.0
_MOST_VAIN_LIVES: Final = 3

SPOKE_LAST: Final = 1
"""Exit code of a worker that left its own last words."""


class WorkerLostError(ArtifactError):
    """A worker ended before it was ready, and left no word."""

    def __init__(self, status: int) -> None:
        """Say how it ended."""
        code = os.waitstatus_to_exitcode(status)
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        words = f"a worker ended by {how} before it was ready"
        hint = "; the memory limit may be too low" if code == -signal.SIGKILL else ""
        super().__init__(JobReason.INTERNAL_ERROR, words + hint)


class Supervisor:
    """Starts one process for each post, and outlives them."""

    def __init__(
        self, posts: Sequence[Post], work: Callable[[Post], None], drain_seconds: float
    ) -> None:
        """Run `work` in each process; the first fork has yet to come."""
        self._posts = posts
        self._work = work
        self._drain_seconds = drain_seconds
        self._workers: dict[int, Post] = {}
        self._started: dict[int, float] = {}
        self._due: dict[int, tuple[float, Post]] = {}
        self._short_lives = dict.fromkeys(range(len(posts)), 0)
        self._vain_lives = dict.fromkeys(range(len(posts)), 0)
        self._was_ready = False
        self._lost = False
        self._drain_until: float | None = None
        self._busy_at = 0.0

    def run(self, on_ready: Callable[[], None]) -> int:
        """Return the exit code once every worker has ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        for post in self._posts:
            self._start(post)
        while self._workers or self._due:
            heard = signal.sigtimedwait(_HEARD, _GLANCE_SECONDS if self._is_waiting else 1.0)
            self._notice_readiness(on_ready)
            if heard is not None and heard.si_signo != signal.SIGCHLD:
                self._begin_to_end(at_once=heard.si_signo == signal.SIGINT)
            self._bury()
            if self._may_finish():
                self._finish()
            self._replace()
        return SPOKE_LAST if self._lost else 0

    @property
    def _is_waiting(self) -> bool:
        return bool(self._due) or not self._was_ready or self._drain_until is not None

    @property
    def _is_over(self) -> bool:
        """Whether nobody is waited for any more."""
        return self._drain_until is not None and time.monotonic() >= self._drain_until

    def _start(self, post: Post) -> None:
        self._started[post.place.worker] = time.monotonic()
        pid = os.fork()
        if pid == 0:
            os._exit(self._live(post))
        self._workers[pid] = post
        if self._drain_until is not None:
            os.kill(pid, signal.SIGTERM)

    def _live(self, post: Post) -> int:
        """Be a worker; nothing of the supervisor's goes on in this process."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a keyboard's goes to the supervisor, too
        # told to drain, it first comes to answer those who wait at its socket
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGCHLD})
        post.lifeline.let_go()
        try:
            self._work(post)
        except Exception as error:  # noqa: BLE001 - whatever ends a worker must reach the status
            leave_epitaph(error)
            return SPOKE_LAST
        return 0

    def _notice_readiness(self, on_ready: Callable[[], None]) -> None:
        if not self._was_ready and all(post.place.slab.ready for post in self._posts):
            self._was_ready = True
            on_ready()

    def _bury(self) -> None:
        """Learn who has ended, and whether it was ever ready."""
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            post = self._workers.pop(pid, None)
            if post is not None:  # the first process of a container inherits others' children
                worker, slab = post.place.worker, post.place.slab
                self._vain_lives[worker] = 0 if slab.ready else self._vain_lives[worker] + 1
                slab.ready = False
                self._miss(post, status)

    def _miss(self, post: Post, status: int) -> None:
        if self._is_over:
            return
        if self._was_ready and self._vain_lives[post.place.worker] < _MOST_VAIN_LIVES:
            self._plan_replacement(post, status)
            return
        if os.waitstatus_to_exitcode(status) != SPOKE_LAST:
            leave_epitaph(WorkerLostError(status))
        self._lost = True
        if self._was_ready:
            self._give_up(post)
        else:
            self._drain_until = 0.0
            self._tell(signal.SIGKILL)

    def _give_up(self, post: Post) -> None:
        """Leave a post empty and end, as if asked to; the other workers accept its callers."""
        worker = post.place.worker
        log.error("worker %d was not ready in %d lives: not replaced", worker, _MOST_VAIN_LIVES)
        post.board.show(worker, 0)
        if self._drain_until is None:
            self._begin_to_end(at_once=False)

    def _plan_replacement(self, post: Post, status: int) -> None:
        worker, now = post.place.worker, time.monotonic()
        post.board.forget(worker)
        lived = now - self._started[worker]
        short = self._short_lives[worker] + 1 if lived < _SHORT_LIFE_SECONDS else 0
        self._short_lives[worker] = short
        # the first replacement comes at once: callers may wait at its socket
        pause = min(_LONGEST_PAUSE_SECONDS, 2.0**short / 4) if short > 1 else 0.0
        code = os.waitstatus_to_exitcode(status)
        log.error("worker %d ended with %d after %.1f s: replaced", worker, code, lived)
        self._due[worker] = now + pause, post

    def _replace(self) -> None:
        now = time.monotonic()
        for worker, (due, post) in tuple(self._due.items()):
            if now >= due:
                del self._due[worker]
                self._start(post)

    def _begin_to_end(self, *, at_once: bool) -> None:
        """Let the workers drain; asked a second time, or by a person at a keyboard, end now."""
        now = time.monotonic()
        if at_once or self._drain_until is not None or not self._was_ready:
            self._drain_until = 0.0
        else:
            self._drain_until = now + self._drain_seconds
        self._busy_at = now
        self._tell(signal.SIGTERM)

    def _may_finish(self) -> bool:
        """Whether nobody has been connected for a moment, or all have been waited for enough."""
        if self._drain_until is None:
            return False
        now = time.monotonic()
        if not self._posts[0].board.deserted:
            self._busy_at = now
        return self._is_over or now - self._busy_at >= _DESERTED_SECONDS

    def _finish(self) -> None:
        """Close the sockets, so that nobody comes too late, and wait for the last answers."""
        self._drain_until = 0.0
        self._due.clear()
        for listener in self._posts[0].listeners:
            listener.close()
        self._tell(FINISH)
        deadline = time.monotonic() + _LEAVING_SECONDS
        while self._workers and time.monotonic() < deadline:
            signal.sigtimedwait(_HEARD, _GLANCE_SECONDS)
            self._bury()
        self._tell(signal.SIGKILL)
        while self._workers:
            signal.sigtimedwait(_HEARD, _GLANCE_SECONDS)
            self._bury()

    def _tell(self, what: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, what)


def listen(host: str, port: int, number: int, backlog: int) -> list[socket.socket]:
    """Open as many sockets on one port; the kernel shares connections out among them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listeners = [
        socket.create_server((host, port), family=family, backlog=backlog, reuse_port=number > 1)
        for _ in range(number)
    ]
    for listener in listeners:
        listener.settimeout(0)  # as duplicates have it: one that blocks would block all others
    return listeners
