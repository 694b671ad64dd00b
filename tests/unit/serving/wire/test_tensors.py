import json
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial_serving.wire.datatypes import DATATYPES
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.tensors import Tensor, TensorParameters, path_in_tensor, read_tensor

NUMBER = Input(name="delay", type=ColumnType.NUMBER, nullable=True)
INTEGER = Input(name="distance", type=ColumnType.INTEGER, nullable=False)
CATEGORY = Input(name="carrier", type=ColumnType.CATEGORY, nullable=True)
BOOLEAN = Input(name="weekend", type=ColumnType.BOOLEAN, nullable=True)
TIMESTAMP = Input(name="time", type=ColumnType.TIMESTAMP, nullable=True)
NOON = datetime(2013, 1, 5, 12, tzinfo=UTC)


def read(datatype: str, shape: list[int], data, *targets: Input):
    rows = shape[0] if shape else 0
    if isinstance(data, bytes):
        parameters = TensorParameters(binary_data_size=len(data))
        tensor = Tensor("x", shape, datatype, parameters=parameters)
        return read_tensor(tensor, memoryview(data), targets, rows, 0)
    tensor = Tensor("x", shape, datatype, msgspec.Raw(json.dumps(data).encode()))
    return read_tensor(tensor, None, targets, rows, 0)


def refusal(datatype: str, shape: list[int], data, *targets: Input) -> tuple[str, str | None]:
    with pytest.raises(RequestError) as refused:
        read(datatype, shape, data, *targets)
    return refused.value.error, refused.value.path


@pytest.mark.parametrize(("shape", "data"), [([2], [1, 2]), ([2, 1], [1, 2]), ([2, 1], [[1], [2]])])
def test_a_column_is_a_vector_or_a_matrix_of_one_column(shape, data):
    assert read("FP64", shape, data, NUMBER) == [[1, 2]]


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_a_matrix_is_taken_apart_by_columns(data):
    assert read("INT32", [2, 2], data, NUMBER, INTEGER) == [[1, 3], [2, 4]]


@pytest.mark.parametrize("shape", [[], [0], [1], [3], [2, 2], [2, 1, 1], [1, 2]])
def test_another_shape_is_refused(shape: list[int]):
    tensor = Tensor("x", shape, "FP64", msgspec.Raw(b"[1, 2]"))
    with pytest.raises(RequestError) as refused:
        read_tensor(tensor, None, (NUMBER,), 2, 7)
    assert refused.value.path == "$.inputs[7].shape"


def test_values_must_fill_the_shape():
    assert refusal("FP64", [3], [1, 2], NUMBER)[1] == "$.inputs[0].data"
    assert refusal("FP64", [2, 2], [[1], [2, 3]], NUMBER, INTEGER)[1] == "$.inputs[0].data[0]"


@pytest.mark.parametrize("column", [NUMBER, INTEGER, CATEGORY, BOOLEAN, TIMESTAMP])
def test_a_column_comes_only_in_a_datatype_that_can_carry_it(column: Input):
    for datatype in {"BF16", "fp64", "", *(name for names in DATATYPES.values() for name in names)}:
        if datatype not in DATATYPES[column.type]:
            error, path = refusal(datatype, [1], [None], column)
            assert f"`{column.name}` is a {column.type}" in error
            assert path == "$.inputs[0].datatype"


def test_columns_of_unlike_types_do_not_share_a_tensor():
    assert refusal("BYTES", [1, 2], ["UA", None], CATEGORY, TIMESTAMP)[1] == "$.inputs[0].datatype"


def test_null_is_a_missing_value_where_one_may_be_missing():
    assert read("FP64", [2], [None, 1], NUMBER) == [[None, 1]]
    error, path = refusal("INT64", [2], [1, None], INTEGER)
    assert error == "`distance` must not be missing"
    assert path == "$.inputs[0].data[1]"


def test_a_value_of_another_type_is_refused_at_its_path():
    assert refusal("FP64", [2], [1, "2"], NUMBER)[1] == "$.inputs[0].data[1]"
    assert refusal("FP64", [2, 1], [[1], ["2"]], NUMBER)[1] == "$.inputs[0].data[1][0]"
    assert refusal("BOOL", [1], [1], BOOLEAN)[1] == "$.inputs[0].data[0]"
    assert refusal("BYTES", [1], ["noon"], TIMESTAMP)[1] == "$.inputs[0].data[0]"
    assert refusal("FP64", [1, 2], [1, 2.5], NUMBER, INTEGER)[1] == "$.inputs[0].data[1]"
    assert refusal("FP64", [1, 2], [[1, 2.5]], NUMBER, INTEGER)[1] == "$.inputs[0].data[0][1]"


def test_a_time_is_read():
    assert read("BYTES", [2], [NOON.isoformat(), None], TIMESTAMP) == [[NOON, None]]


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
    assert read(datatype, [2], [low, high], INTEGER) == [[low, high]]
    for beyond in (low - 1, high + 1):
        assert refusal(datatype, [2], [low, beyond], INTEGER)[1] == "$.inputs[0].data[1]"


def test_a_tensor_without_data_is_refused():
    tensor = Tensor("x", [1], "FP64")
    with pytest.raises(RequestError, match="missing"):
        read_tensor(tensor, None, (NUMBER,), 1, 0)


def test_a_tensor_has_its_data_in_one_place_only():
    tensor = Tensor("x", [1], "FP64", msgspec.Raw(b"[1]"), TensorParameters(binary_data_size=8))
    with pytest.raises(RequestError, match="both"):
        read_tensor(tensor, memoryview(bytes(8)), (NUMBER,), 1, 0)


def test_binary_numbers_are_read_as_they_are_and_nan_is_missing():
    numbers = np.array([1.5, np.nan], "<f4")
    ((first, second),) = read("FP32", [2], numbers.tobytes(), NUMBER)
    assert first == 1.5
    assert np.isnan(second)
    (distances,) = read("INT16", [2, 1], np.array([7, -1], "<i2").tobytes(), INTEGER)
    assert distances.tolist() == [7, -1]


@pytest.mark.parametrize(
    ("value", "column"),
    [(np.nan, INTEGER), (1.5, INTEGER), (np.inf, NUMBER), (-np.inf, INTEGER)],
)
def test_a_binary_number_that_the_column_cannot_hold_is_refused(value: float, column: Input):
    content = np.array([1.0, value]).tobytes()
    assert refusal("FP64", [2], content, column)[1] == "$.inputs[0].data[1]"


def test_binary_texts_are_read():
    content = b"\x02\0\0\0UA\0\0\0\0"
    assert read("BYTES", [2], content, CATEGORY) == [["UA", ""]]
    noon = NOON.isoformat().encode()
    content = len(noon).to_bytes(4, "little") + noon
    assert read("BYTES", [1], content, TIMESTAMP) == [[NOON]]
    assert refusal("BYTES", [1], b"\x02\0\0\0UA", TIMESTAMP)[1] == "$.inputs[0].data[0]"


def test_the_place_of_an_element_follows_the_form_of_the_data():
    flat = Tensor("x", [2, 3], "FP64", msgspec.Raw(b"[1,2,3,4,5,6]"))
    nested = Tensor("x", [2, 3], "FP64", msgspec.Raw(b" [ [1,2,3],[4,5,6]]"))
    assert path_in_tensor(flat, 4, 1, 2, 3) == "$.inputs[4].data[5]"
    assert path_in_tensor(nested, 4, 1, 2, 3) == "$.inputs[4].data[1][2]"
