"""Refusals: what is wrong with a request, and where, so that the caller can mend it."""

import re
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec

from perennial_serving.wire.error_location import place_of_no_number

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
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Keep the parts apart: they become parts of the response."""
        super().__init__(error)
        self.error = error
        self.path = path
        self.status = status
        self.headers = headers


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, under: str = "$") -> T:
    """Return the value that a body spells, or refuse it with the path below ``under``."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise misfit(str(error), under) from error
    except msgspec.DecodeError as error:
        raise _malformed(str(error), bytes(body), under) from error
    except UnicodeDecodeError as error:
        raise Refusal("a string is not UTF-8", under) from error
    except RecursionError as error:
        raise Refusal("nested too deeply", under) from error


def misfit(message: str, under: str) -> Refusal:
    """Return the refusal of a value of another type, in the words and paths of JSON."""
    text, _, place = message.rpartition(" - at `")
    path = under + place.removesuffix("`").removeprefix("$") if text else under
    text = text or message
    if misnamed := _MISNAMED.match(text):
        error = "this field is missing" if misnamed["missing"] else "there is no such field"
        return Refusal(error, f"{path}.{misnamed['name']}")
    return Refusal(_WORD.sub(lambda word: _JSON_WORDS[word[0]], text), path)


def _malformed(message: str, body: bytes, under: str) -> Refusal:
    """Name the place of a NaN or an Infinity: people send them, and parsers give only an offset."""
    if (path := place_of_no_number(body, under)) is None:
        return Refusal(message, under)
    error = "NaN and Infinity are not JSON: send null for a missing value, where one may be missing"
    return Refusal(error, path)
