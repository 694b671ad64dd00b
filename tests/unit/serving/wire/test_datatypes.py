from perennial.api.column_type import ColumnType
from perennial_serving.wire.datatypes import BOUNDS, DATATYPES


def test_every_type_of_column_has_a_tensor_that_carries_it():
    assert {kind: next(iter(names)) for kind, names in DATATYPES.items()} == {
        ColumnType.NUMBER: "FP64",
        ColumnType.INTEGER: "INT64",
        ColumnType.CATEGORY: "BYTES",
        ColumnType.BOOLEAN: "BOOL",
        ColumnType.TIMESTAMP: "BYTES",
    }


def test_integers_have_the_bounds_of_their_bits():
    assert BOUNDS["INT8"] == (-128, 127)
    assert BOUNDS["UINT64"] == (0, 18446744073709551615)
