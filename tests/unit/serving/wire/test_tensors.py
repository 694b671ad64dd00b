import json

import msgspec
import pytest

from perennial.api.dataset import ColumnType
from perennial.artifacts.schema import Input
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.tensors import DATATYPES, Tensor, read_tensor

NUMBER = Input(name="delay", type=ColumnType.NUMBER, nullable=True)
INTEGER = Input(name="distance", type=ColumnType.INTEGER, nullable=False)
CATEGORY = Input(name="carrier", type=ColumnType.CATEGORY, nullable=True)
BOOLEAN = Input(name="weekend", type=ColumnType.BOOLEAN, nullable=True)
TIMESTAMP = Input(name="time", type=ColumnType.TIMESTAMP, nullable=True)


def read(datatype: str, shape: list[int], data, *targets: Input):
    raw = msgspec.Raw(json.dumps(data).encode())
    tensor = Tensor("x", shape, datatype, raw)
    return read_tensor(tensor, targets, shape[0] if shape else 0, "$.inputs[0]")


def refusal(datatype: str, shape: list[int], data, *targets: Input) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        read(datatype, shape, data, *targets)
    return refused.value.error, refused.value.path


@pytest.mark.parametrize(("shape", "data"), [([2], [1, 2]), ([2, 1], [1, 2]), ([2, 1], [[1], [2]])])
def test_a_column_is_a_vector_or_a_matrix_of_one_column(shape, data):
    assert read("FP64", shape, data, NUMBER) == {"delay": [1, 2]}


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_a_matrix_is_taken_apart_by_columns(data):
    assert read("INT32", [2, 2], data, NUMBER, INTEGER) == {"delay": [1, 3], "distance": [2, 4]}


@pytest.mark.parametrize("shape", [[], [0], [1], [3], [2, 2], [2, 1, 1], [1, 2]])
def test_another_shape_is_refused(shape: list[int]):
    tensor = Tensor("x", shape, "FP64", msgspec.Raw(b"[1, 2]"))
    with pytest.raises(Refusal) as refused:
        read_tensor(tensor, (NUMBER,), 2, "$.inputs[0]")
    assert refused.value.path == "$.inputs[0].shape"


def test_values_must_fill_the_shape():
    assert refusal("FP64", [3], [1, 2], NUMBER)[1] == "$.inputs[0].data"
    assert refusal("FP64", [2, 2], [[1], [2, 3]], NUMBER, INTEGER)[1] == "$.inputs[0].data[0]"


@pytest.mark.parametrize("column", [NUMBER, INTEGER, CATEGORY, BOOLEAN, TIMESTAMP])
def test_a_column_comes_only_in_a_datatype_that_can_carry_it(column: Input):
    for datatype in {"FP16", "fp64", "", *(name for names in DATATYPES.values() for name in names)}:
        if datatype not in DATATYPES[column.type]:
            error, path = refusal(datatype, [1], [None], column)
            assert f"`{column.name}` is a {column.type}" in error
            assert path == "$.inputs[0].datatype"


def test_columns_of_unlike_types_do_not_share_a_tensor():
    assert refusal("BYTES", [1, 2], ["UA", None], CATEGORY, TIMESTAMP)[1] == "$.inputs[0].datatype"


def test_null_is_a_missing_value_where_one_may_be_missing():
    assert read("FP64", [2], [None, 1], NUMBER) == {"delay": [None, 1]}
    error, path = refusal("INT64", [2], [1, None], INTEGER)
    assert error == "`distance` must not be null"
    assert path == "$.inputs[0].data[1]"


def test_a_value_of_another_type_is_refused_at_its_path():
    assert refusal("FP64", [2], [1, "2"], NUMBER)[1] == "$.inputs[0].data[1]"
    assert refusal("FP64", [2, 1], [[1], ["2"]], NUMBER)[1] == "$.inputs[0].data[1][0]"
    assert refusal("BOOL", [1], [1], BOOLEAN)[1] == "$.inputs[0].data[0]"
    assert refusal("BYTES", [1], ["noon"], TIMESTAMP)[1] == "$.inputs[0].data[0]"
    assert refusal("FP64", [1, 2], [1, 2.5], NUMBER, INTEGER)[1] == "$.inputs[0].data[1]"
    assert refusal("FP64", [1, 2], [[1, 2.5]], NUMBER, INTEGER)[1] == "$.inputs[0].data[0][1]"


@pytest.mark.parametrize(
    ("datatype", "low", "high"),
    [
        ("INT8", -128, 127),
        ("UINT8", 0, 255),
        ("INT64", -(2**63), 2**63 - 1),
        ("UINT64", 0, 2**64 - 1),
    ],
)
def test_integers_stay_within_their_datatype(datatype: str, low: int, high: int):
    assert read(datatype, [2], [low, high], INTEGER) == {"distance": [low, high]}
    for beyond in (low - 1, high + 1):
        assert refusal(datatype, [2], [low, beyond], INTEGER)[1] == "$.inputs[0].data[1]"
