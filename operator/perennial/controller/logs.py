"""Logs: one JSON object a line, never a whole Kubernetes object and never a secret."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter


def to_json() -> None:
    """Send every log record to standard error as one line of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("kopf", "asyncio", "aiohttp"):  # at INFO kopf tells of every event it passes on
        logging.getLogger(noisy).setLevel(logging.WARNING)
