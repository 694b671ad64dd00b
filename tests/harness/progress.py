"""What the person at the keyboard sees: one line per step, with the seconds it took."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
QUIET = 0.05  # a step that found everything done is not worth a line
BEGAN = "PERENNIAL_BEGAN"  # when the person's command began, for the programs that it becomes
ON_TERMINAL, IN_LOG = 5, 60  # seconds between two lines of a long step


class Step:
    """One step under way; `detail` is what the line says at its end."""

    def __init__(self, title: str, usual: str = "") -> None:
        """Start the clock; `usual` is how long the step takes on a machine of its own."""
        self.title = title
        self.usual = usual
        self.detail = ""
        self.started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.started

    def line(self, mark: str) -> str:
        """Return the line for the person, elapsed time first."""
        remarks = [self.detail, f"usually {self.usual}" if self.usual else ""]
        words = ", ".join(filter(None, remarks))
        return f"{self.elapsed:7.1f} s  {mark} {self.title}" + (f" ({words})" if words else "")


def since_the_command() -> float:
    """Return the seconds since the person's command began."""
    return time.time() - float(os.environ.get(BEGAN) or time.time())


@contextmanager
def step(title: str, usual: str = "") -> Iterator[Step]:
    """Show a step when it is done, or that it failed; one that took no time stays silent."""
    current = Step(title, usual)
    try:
        yield current
    except BaseException:
        console.print(current.line("[red]✗[/]"))
        raise
    if current.elapsed > QUIET:
        console.print(current.line("[green]✓[/]"))


@contextmanager
def heartbeat(current: Step, news: Callable[[], str]) -> Iterator[None]:
    """Print how far a long step is until it ends: often on a terminal, seldom in a log."""
    over = threading.Event()
    seconds = ON_TERMINAL if console.is_terminal else IN_LOG

    def beat() -> None:
        while not over.wait(seconds):
            console.print(current.line("…") + f" {news()}")

    thread = threading.Thread(target=beat, daemon=True)
    console.print(current.line("…"))
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
