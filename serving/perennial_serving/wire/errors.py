"""Errors in a request: the message, the path in the body, and the status of the response."""

import re
from codecs import BOM_UTF8
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec

from perennial_serving.wire.error_location import path_of_nan

T = TypeVar("T")

_JSON_TYPES: Final = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "datetime": "RFC 3339 time",
}
_FIELD_ERROR = re.compile(
    r"^Object (?:(?P<missing>missing required)|contains unknown) field `(?P<name>.*)`$", re.DOTALL
)
_PYTHON_TYPE = re.compile(r"\b(" + "|".join(_JSON_TYPES) + r")\b")


class RequestError(Exception):
    """A request that gets a 4xx response."""

    def __init__(
        self,
        error: str,
        path: str | None = None,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(error)
        self.error = error
        self.path = path
        self.status = status
        self.headers = headers


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw, under: str = "$") -> T:
    """Decode a body; raise a RequestError with a path below ``under``."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise type_error(str(error), under) from error
    except msgspec.DecodeError as error:
        raise _syntax_error(str(error), bytes(body), under) from error
    except UnicodeDecodeError as error:
        raise RequestError("a string is not UTF-8", under) from error
    except RecursionError as error:
        raise RequestError("nested too deeply", under) from error


def type_error(message: str, under: str) -> RequestError:
    """Return the error for a value of another type, with JSON types and JSON paths."""
    text, _, place = message.rpartition(" - at `")
    path = under + place.removesuffix("`").removeprefix("$") if text else under
    text = text or message
    if field := _FIELD_ERROR.match(text):
        error = "this field is missing" if field["missing"] else "there is no such field"
        return RequestError(error, f"{path}.{field['name']}")
    return RequestError(_PYTHON_TYPE.sub(lambda word: _JSON_TYPES[word[0]], text), path)


def _syntax_error(message: str, body: bytes, under: str) -> RequestError:
    """Name what clients often send, and the path of NaN; parsers give only an offset."""
    if not body.strip():
        return RequestError("the body is empty: send JSON", under)
    if body.startswith(BOM_UTF8):
        error = "the body begins with a byte order mark: send UTF-8 without it"
        return RequestError(error, under)
    if (path := path_of_nan(body, under)) is None:
        return RequestError(message, under)
    error = "NaN and Infinity are not JSON: send null for a missing value, where one may be missing"
    return RequestError(error, path)
