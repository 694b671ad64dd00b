"""A hash of each row, which defines the canonical order independent of the source."""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MISSING: Final = np.uint64(0x6D697373696E6721)


def cell_hashes(rows: pa.RecordBatch) -> dict[str, Hashes]:
    """Return a hash of each value, by column."""
    return {name: _of_cells(rows.column(name)) for name in rows.schema.names}


def row_hashes(cells: Mapping[str, Hashes]) -> Hashes:
    """Return a hash of each row, over its columns in the order of their names."""
    total = np.zeros(1, dtype=np.uint64)
    for name in sorted(cells):
        total = _mixed((total + _GAMMA) ^ cells[name])
    return total


def _of_cells(cells: pa.Array) -> Hashes:
    if pa.types.is_string(cells.type):
        return _of_texts(cells)
    if pa.types.is_timestamp(cells.type):
        cells = cells.cast(pa.int64())
    numbers = cells.cast(pa.uint8()) if pa.types.is_boolean(cells.type) else cells
    values = numbers.fill_null(0).to_numpy()
    bits = (
        values.view(np.uint64) if values.itemsize == _GAMMA.itemsize else values.astype(np.uint64)
    )
    hashes = _mixed(bits + _GAMMA)
    hashes[cells.is_null().to_numpy(zero_copy_only=False)] = _MISSING
    return hashes


def _of_texts(cells: pa.Array) -> Hashes:
    """Hash each distinct text of the batch once."""
    encoded = cells.dictionary_encode("encode")
    texts = encoded.dictionary.to_pylist()
    hashes = np.array([_text_hash(text) for text in texts], dtype=np.uint64)
    indices: NDArray[np.int32] = encoded.indices.to_numpy()
    return hashes[indices]


def _text_hash(text: str | None) -> int:
    if text is None:
        return int(_MISSING)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(numbers: Hashes) -> Hashes:
    """Return the numbers after the finalizer of SplitMix64."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
