"""Request ids: the client's, or a unique one."""

import re
import secrets
from itertools import count
from typing import Final

_ACCEPTED: Final = re.compile(rb"[\x21-\x7e]{1,128}")


class RequestIds:
    """Generates ids that are unique across processes."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(10)
        self._numbers = count(1)

    def of(self, given: bytes | None) -> str:
        """Return the client's id if it is safe in headers and logs, else a new one."""
        if given is not None and (accepted := _ACCEPTED.fullmatch(given.strip(b" \t"))):
            return accepted.group().decode("ascii")
        return f"{self._prefix}{next(self._numbers):012x}"
