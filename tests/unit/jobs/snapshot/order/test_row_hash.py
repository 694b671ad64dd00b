import hashlib
import struct
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from perennial.jobs.snapshot.order.row_hash import cell_hashes, row_hashes

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15
MISSING = int.from_bytes(b"missing!", "big")


def mixed(number):
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


def by_the_book(cell):
    """Hash of a value, as docs/snapshot-digest.md defines it."""
    if cell is None:
        return MISSING
    if isinstance(cell, str):
        return int.from_bytes(hashlib.blake2b(cell.encode(), digest_size=8).digest(), "little")
    bits = struct.unpack("<Q", struct.pack("<d" if isinstance(cell, float) else "<q", cell))[0]
    return mixed((bits + GAMMA) & MASK)


def hashes(**columns):
    return cell_hashes(pa.record_batch(columns))


def test_the_hash_of_a_value_is_the_documented_one():
    found = hashes(
        number=pa.array([2.5, None]),
        integer=pa.array([-7, None], pa.int64()),
        boolean=pa.array([True, None]),
        timestamp=pa.array([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None]),
        category=pa.array(["UA", None]),
    )
    values = {"number": 2.5, "integer": -7, "boolean": 1, "timestamp": 1_000_000, "category": "UA"}
    assert {name: found[name].tolist() for name in found} == {
        name: [by_the_book(value), MISSING] for name, value in values.items()
    }


def test_the_hash_of_a_row_takes_its_columns_by_name():
    total = 0
    for cell in ("UA", 7):
        total = mixed(((total + GAMMA) & MASK) ^ by_the_book(cell))
    one = hashes(a=pa.array(["UA"]), b=pa.array([7]))
    assert row_hashes(one).tolist() == [total]
    assert row_hashes(dict(reversed(one.items()))).tolist() == [total]


def test_swapped_values_have_another_hash():
    rows = hashes(a=pa.array([1, 2]), b=pa.array([2, 1]))
    assert len(set(row_hashes(rows).tolist())) == 2


def test_hashes_are_spread_evenly():
    leading = row_hashes(hashes(a=pa.array(range(64_000)))) >> np.uint64(58)
    counts = np.bincount(leading.astype(int), minlength=64)
    assert counts.min() > 850
    assert counts.max() < 1150
