"""Refusals: what is wrong with a request, and where, so that the caller can mend it."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

_JSON_WORDS: Final = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "datetime": "RFC 3339 time",
}
_MISNAMED = re.compile(
    r"^Object (?:(?P<missing>missing required)|contains unknown) field `(?P<name>.*)`$", re.DOTALL
)
_WORD = re.compile(r"\b(" + "|".join(_JSON_WORDS) + r")\b")


class Refusal(Exception):  # noqa: N818 - the server did not err, the request did
    """A request that is answered with a 4xx: what is wrong, and where in its body."""

    def __init__(
        self,
        error: str,
        path: str | None = None,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the parts apart: they become parts of the response."""
        super().__init__(error)
        self.error = error
        self.path = path
        self.status = status
        self.headers = headers or {}


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, under: str = "$") -> T:
    """Return the value that a body spells, or refuse it with the path below ``under``."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), under) from error
    except msgspec.DecodeError as error:
        raise _malformed(str(error), bytes(body), under) from error
    except UnicodeDecodeError as error:
        raise Refusal("a string is not UTF-8", under) from error
    except RecursionError as error:
        raise Refusal("nested too deeply", under) from error


def _misfit(message: str, under: str) -> Refusal:
    text, _, place = message.rpartition(" - at `")
    path = under + place.removesuffix("`").removeprefix("$") if text else under
    text = text or message
    if misnamed := _MISNAMED.match(text):
        error = "this field is missing" if misnamed["missing"] else "there is no such field"
        return Refusal(error, f"{path}.{misnamed['name']}")
    return Refusal(_WORD.sub(lambda word: _JSON_WORDS[word[0]], text), path)


def _malformed(message: str, body: bytes, under: str) -> Refusal:
    """Name the place of a NaN or an Infinity: people send them, and parsers give only an offset."""
    try:
        path = next(_not_numbers(json.loads(body.decode(), parse_constant=float), under), None)
    except (ValueError, RecursionError):
        path = None
    if path is None:
        return Refusal(message, under)
    return Refusal("NaN and Infinity are not JSON: send null for a missing value", path)


def _not_numbers(root: object, under: str) -> Iterator[str]:
    waiting = [(under, root)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            yield path
        elif isinstance(value, list):
            waiting += ((f"{path}[{index}]", item) for index, item in enumerate(value))
        elif isinstance(value, dict):
            waiting += ((f"{path}.{key}", item) for key, item in value.items())
