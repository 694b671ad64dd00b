import msgspec
import pytest

from builders.small_model import INPUTS
from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.tensor_columns import TensorColumns
from perennial_serving.wire.tensors import Tensor

COLUMNS = TensorColumns(INPUTS, ())
THREE = tuple(Input(name=name, type=ColumnType.NUMBER, nullable=False) for name in "abc")


def tensor(name: str, datatype: str, data: bytes, shape: tuple[int, ...] = (2,)) -> Tensor:
    return Tensor(name, list(shape), datatype, msgspec.Raw(data))


DISTANCE = tensor("distance", "INT64", b"[1, 2]")
CARRIER = tensor("carrier", "BYTES", b'["UA", "B6"]')


def refusal(*tensors: Tensor) -> tuple[str, str | None]:
    with pytest.raises(RequestError) as refused:
        COLUMNS.read(tensors, memoryview(b""), 2)
    return refused.value.error, refused.value.path


def test_every_column_comes_as_a_tensor_of_its_own():
    read = COLUMNS.read([CARRIER, DISTANCE], memoryview(b""), 2)
    assert read["distance"] == [1, 2]
    assert read["carrier"] == ["UA", "B6"]


def test_a_column_that_may_be_missing_may_be_left_out():
    assert COLUMNS.read([CARRIER, DISTANCE], memoryview(b""), 2)["dest"] == [None, None]
    assert refusal(DISTANCE) == ("the tensor `carrier` is missing", "$.inputs")


def test_a_lone_matrix_carries_all_columns_in_the_order_of_the_schema():
    matrix = tensor("x", "FP32", b"[1, 2, 3, 4, 5, 6]", (2, 3))
    read = TensorColumns(THREE, ()).read([matrix], memoryview(b""), 2)
    assert read == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}


def test_an_unknown_tensor_is_refused():
    seats = tensor("seats", "FP64", b"[1, 2]")
    assert refusal(CARRIER, seats) == ("the model takes no `seats`", "$.inputs[1].name")


def test_a_tensor_given_twice_is_refused():
    assert refusal(CARRIER, CARRIER) == ("`carrier` is given twice", "$.inputs[1].name")


def test_tensors_have_the_same_number_of_rows():
    assert refusal(CARRIER, tensor("distance", "INT64", b"[1]", (1,)))[1] == "$.inputs[1].shape"


def test_a_plain_mistake_is_explained_like_any_other():
    invalid = tensor("distance", "INT64", b"[1, null]")
    assert refusal(CARRIER, invalid) == ("`distance` must not be missing", "$.inputs[1].data[1]")


def test_a_value_can_be_found_again():
    assert COLUMNS.path_of([CARRIER, DISTANCE], 1, "distance") == "$.inputs[1].data[1]"
    assert COLUMNS.path_of([CARRIER, DISTANCE], 1, "dest") == "$.inputs"
    assert COLUMNS.path_of([CARRIER, DISTANCE], 1, None) == "$.inputs"
    matrix = tensor("x", "FP32", b"[1, 2, 3, 4, 5, 6]", (2, 3))
    assert TensorColumns(THREE, ()).path_of([matrix], 1, "b") == "$.inputs[0].data[4]"
