"""`python -m perennial_serving fetch|serve`: the two containers of a server's pod."""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType

from perennial_serving.process.failure_report import write_failure_report
from perennial_serving.process.gc_freeze import gc_frozen

_TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; an error that ends it is written to the termination log."""
    run: Callable[[], int] = _parser().parse_args(arguments).run
    # the first process of a container ignores SIGTERM unless it has a handler
    signal.signal(signal.SIGTERM, _end_at_once)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - any error that ends the process must reach the status
        write_failure_report(error)
        return 1


def _fetch() -> int:
    """Import only what `fetch` needs."""
    from perennial.artifacts.s3 import connect  # noqa: PLC0415
    from perennial_serving.process.fetch import fetch  # noqa: PLC0415
    from perennial_serving.process.fetch_settings import FetchSettings  # noqa: PLC0415

    settings = FetchSettings.from_environment(os.environ)
    fetch(connect(settings.location), settings.path, settings.digest, settings.folder)
    return 0


def _serve() -> int:
    """Import numeric libraries after the settings are valid and threads are limited."""
    started = time.time()
    import perennial_serving.process.thread_limits  # noqa: F401, PLC0415

    with gc_frozen():
        from perennial_serving.settings import ServeSettings  # noqa: PLC0415

        settings = ServeSettings.from_environment(os.environ)
        from perennial_serving.process.serve import serve  # noqa: PLC0415

    return serve(settings, started)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perennial_serving", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, purpose in (
        ("fetch", _fetch, "download and verify an artifact into $PERENNIAL_MODEL"),
        ("serve", _serve, "serve the artifact in $PERENNIAL_MODEL on $PERENNIAL_PORT"),
    ):
        commands.add_parser(name, help=purpose, description=purpose).set_defaults(run=run)
    return parser


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    os._exit(_TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
