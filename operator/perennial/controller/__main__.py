"""`python -m perennial.controller` runs the operator."""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import uvloop

from perennial.controller import logs, startup
from perennial.controller.reconcilers import Build, reconcilers
from perennial.controller.settings import ConfigurationError, load

log = logging.getLogger(__name__)

_GC_THRESHOLDS = (50_000, 20, 100)
"""Each event is a tree of thousands of objects: the defaults would collect constantly."""


def start(arguments: Sequence[str], build: Build = reconcilers) -> NoReturn:
    """Run the operator, then end the process."""
    gc.set_threshold(*_GC_THRESHOLDS)
    status = main(arguments, build)
    logging.shutdown()
    os._exit(status)  # kopf's watches can swallow their cancellation: do not wait for them


def main(arguments: Sequence[str], build: Build = reconcilers) -> int:
    """Run the operator; return the exit status."""
    options = _parser().parse_args(arguments)
    logs.to_json()
    try:
        configuration = load(options.config)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - logs are for a running operator
        return 2
    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(startup.run(configuration, options.kubeconfig, build))
    except startup.OperatorError as error:
        log.critical(str(error), exc_info=error.__cause__)
        return 1
    finally:
        loop.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("perennial.controller", description="The Perennial operator.")
    parser.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the operator's configuration"
    )
    parser.add_argument(
        "--kubeconfig",
        type=Path,
        metavar="FILE",
        default=os.environ.get("KUBECONFIG"),
        help="defaults to $KUBECONFIG, or to the ServiceAccount of the pod",
    )
    return parser


if __name__ == "__main__":
    start(sys.argv[1:])
