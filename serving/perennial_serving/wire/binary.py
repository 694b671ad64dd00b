"""Binary tensors: raw little-endian elements after the JSON of a message."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perennial_serving.wire.errors import RequestError

HEADER_LENGTH: Final = "inference-header-content-length"
"""Header with the length of the JSON part of a body; binary tensors follow it."""

Numbers = NDArray[Any]
"""Elements of any numeric datatype."""

_NUMBERS: Final = {
    **{f"FP{bits}": f"<f{bits // 8}" for bits in (16, 32, 64)},
    **{f"INT{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
    "BOOL": "<u1",
}
_LENGTH_BYTES: Final = 4


def read_numbers(datatype: str, content: memoryview, count: int, at: str) -> Numbers:
    """Return the elements of a numeric tensor; NaN is a missing value."""
    kind = np.dtype(_NUMBERS[datatype])
    if len(content) != count * kind.itemsize:
        error = f"{count} elements of {datatype} are {count * kind.itemsize} bytes"
        raise RequestError(f"{error} rather than {len(content)}", at)
    elements = np.frombuffer(content, kind)
    if datatype == "BOOL" and (elements > 1).any():
        raise RequestError(
            "an element of BOOL is the byte 0 or 1", f"{at}[{np.argmax(elements > 1)}]"
        )
    return elements


def read_texts(content: memoryview, count: int, at: str) -> list[str]:
    """Return the elements of a BYTES tensor: each is preceded by its length."""
    texts: list[str] = []
    position = 0
    while position < len(content) and len(texts) < count:
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(content[position:start], "little")
        if position > len(content):
            raise RequestError("the element is longer than the tensor", f"{at}[{len(texts)}]")
        try:
            texts.append(str(content[start:position], "utf-8"))
        except UnicodeDecodeError as error:
            raise RequestError("the element is not UTF-8", f"{at}[{len(texts)}]") from error
    if len(texts) != count or position != len(content):
        raise RequestError(f"the tensor does not hold exactly {count} elements", at)
    return texts


def to_bytes(datatype: str, elements: Sequence[object] | NDArray[np.float64]) -> bytes:
    """Return the bytes of an output tensor."""
    if datatype == "BYTES":
        texts = [str(element).encode() for element in elements]
        return b"".join(len(text).to_bytes(_LENGTH_BYTES, "little") + text for text in texts)
    return np.asarray(elements, _NUMBERS[datatype]).tobytes()


def slices(content: memoryview, sizes: Sequence[int | None]) -> list[memoryview | None]:
    """Split the bytes after the JSON among the tensors that have a size, in order."""
    if not (len(content) or any(sizes)):
        return [None if size is None else content for size in sizes]
    ends = list(accumulate(size or 0 for size in sizes))
    if (ends[-1] if ends else 0) != len(content):
        error = f"the binary tensors have {ends[-1] if ends else 0} bytes, the body {len(content)}"
        raise RequestError(error, "$.inputs")
    return [
        None if size is None else content[end - size : end]
        for size, end in zip(sizes, ends, strict=True)
    ]
