"""Arrays and trees of a compiled estimator, which its JSON references by name."""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator, SerializationInfo, ValidationInfo


@dataclass(frozen=True, slots=True)
class Parts:
    """The arrays and trees beside the JSON: the source of a read, the result of a write."""

    arrays: NpzFile | dict[str, NDArray[np.float64]]
    trees: dict[str, bytes] = field(default_factory=dict)


def _load_array(value: object, info: ValidationInfo) -> NDArray[np.float64]:
    array = value if info.context is None else info.context.arrays[value]
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        raise ValueError("not an array of float64")
    return array


def _name_array(array: NDArray[np.float64], info: SerializationInfo) -> str:
    arrays = info.context.arrays  # type: ignore[union-attr]  # only write() serializes
    name = f"array-{len(arrays)}"
    arrays[name] = np.ascontiguousarray(array)
    return name


def _load_trees(value: object, info: ValidationInfo) -> bytes:
    trees = value if info.context is None else info.context.trees[value]
    if not isinstance(trees, bytes):
        raise ValueError("not the bytes of a model")  # noqa: TRY004 - pydantic wants ValueError
    return trees


def _name_trees(content: bytes, info: SerializationInfo) -> str:
    trees = info.context.trees  # type: ignore[union-attr]  # only write() serializes
    name = f"trees-{len(trees)}.onnx"
    trees[name] = content
    return name


Array = Annotated[
    NDArray[np.float64],
    PlainValidator(_load_array),
    PlainSerializer(_name_array, return_type=str),
]
Onnx = Annotated[bytes, PlainValidator(_load_trees), PlainSerializer(_name_trees, return_type=str)]
