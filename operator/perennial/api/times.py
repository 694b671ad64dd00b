"""Conversion of durations and timestamps between text and values."""

from datetime import datetime, timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_timedelta(duration: str) -> timedelta:
    """Return the value of a duration such as ``90s`` or ``30d``."""
    return timedelta(seconds=int(duration[:-1]) * _SECONDS[duration[-1]])


def to_timestamp(time: datetime) -> str:
    """Return a UTC time in the format of the API server, in whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def to_datetime(timestamp: str) -> datetime:
    """Return the value of a timestamp of the API server."""
    return datetime.fromisoformat(timestamp)
