"""What the person at the keyboard sees: one line per step, with the seconds it took."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
QUIET = 0.05  # a step that found everything done is not worth a line


class Step:
    """One step under way; `detail` is what the line says at its end."""

    def __init__(self, title: str) -> None:
        """Start the clock."""
        self.title = title
        self.detail = ""
        self.started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.started

    def line(self, mark: str) -> str:
        """Return the line for the person, elapsed time first."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.elapsed:7.1f} s  {mark} {self.title}{detail}"


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step when it is done, or that it failed; one that took no time stays silent."""
    current = Step(title)
    try:
        yield current
    except BaseException:
        console.print(current.line("[red]✗[/]"))
        raise
    if current.elapsed > QUIET:
        console.print(current.line("[green]✓[/]"))


@contextmanager
def heartbeat(current: Step, news: Callable[[], str], seconds: float = 5) -> Iterator[None]:
    """Print how far a long step is, every few seconds, until it ends."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(seconds):
            console.print(current.line("…") + f" {news()}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def unseen() -> Iterator[None]:
    """Keep quiet, as under a test runner that shows what is printed only on a failure."""
    console.quiet = True
    try:
        yield
    finally:
        console.quiet = False
