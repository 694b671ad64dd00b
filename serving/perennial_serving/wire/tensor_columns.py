"""From the tensors of a request to the columns of the schema."""

from collections.abc import Mapping, Sequence

from perennial.artifacts.model_schema import Input
from perennial_serving.wire.binary import slices
from perennial_serving.wire.errors import Refusal
from perennial_serving.wire.tensors import Column, Tensor, place_in_tensor, read_tensor


class TensorColumns:
    """Takes columns as tensors of their own, or all of them as one two-dimensional tensor."""

    def __init__(self, inputs: Sequence[Input], others: Sequence[Input]) -> None:
        """Index the columns by name; a matrix carries the inputs, not the others."""
        self._inputs = inputs
        self._by_name = {one.name: one for one in (*inputs, *others)}

    def read(
        self, tensors: Sequence[Tensor], content: memoryview, rows: int
    ) -> Mapping[str, Column]:
        """Return every column; the content is what binary tensors hold, one after the other."""
        contents = slices(content, [tensor.binary_size for tensor in tensors])
        read: dict[str, Column] = {}
        for index, tensor in enumerate(tensors):
            if tensor.name in read:
                raise Refusal(f"`{tensor.name}` is given twice", f"$.inputs[{index}].name")
            targets = self._targets(tensors, index)
            columns = read_tensor(tensor, contents[index], targets, rows, index)
            read.update(zip((one.name for one in targets), columns, strict=True))
        self._fill(read, rows)
        return read

    def place(self, tensors: Sequence[Tensor], row: int, column: str | None) -> str:
        """Return the path of a row's value of a column."""
        for index, tensor in enumerate(tensors):
            names = [one.name for one in self._targets(tensors, index)]
            if column in names:
                return place_in_tensor(tensor, index, row, names.index(column), len(names))
        return "$.inputs"

    def _fill(self, read: dict[str, Column], rows: int) -> None:
        """Take a column that may be missing, and was left out, as missing."""
        if len(read) == len(self._by_name):
            return
        for one in self._by_name.values():
            if one.name not in read:
                if not one.nullable:
                    raise Refusal(f"the tensor `{one.name}` is missing", "$.inputs")
                read[one.name] = [None] * rows

    def _targets(self, tensors: Sequence[Tensor], index: int) -> Sequence[Input]:
        """Return the columns that a tensor carries: a lone matrix carries all of them."""
        tensor = tensors[index]
        if one := self._by_name.get(tensor.name):
            return (one,)
        if len(tensors) == 1 and len(tensor.shape) > 1:
            return self._inputs
        raise Refusal(f"the model takes no `{tensor.name}`", f"$.inputs[{index}].name")
