"""The name of a request: its caller's, or one that no other request has."""

import re
import secrets
from itertools import count
from typing import Final

_ACCEPTED: Final = re.compile(rb"[\x21-\x7e]{1,128}")


class RequestIds:
    """Names requests of one process, and only of this one."""

    def __init__(self) -> None:
        """Begin with what no other process begins with."""
        self._prefix = secrets.token_hex(10)
        self._numbers = count(1)

    def of(self, given: bytes | None) -> str:
        """Return the caller's name if it can stand in a header and in a log."""
        if given is not None and _ACCEPTED.fullmatch(given):
            return given.decode("ascii")
        return f"{self._prefix}{next(self._numbers):012x}"
