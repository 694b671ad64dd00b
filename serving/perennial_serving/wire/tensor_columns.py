"""From the tensors of a request to the columns of the schema."""

from collections.abc import Mapping, Sequence

from perennial.artifacts.model_schema import Input
from perennial_serving.wire.binary import slices
from perennial_serving.wire.errors import RequestError
from perennial_serving.wire.tensors import Column, Tensor, path_in_tensor, read_tensor


class TensorColumns:
    """Reads one tensor per column, or all inputs as one two-dimensional tensor."""

    def __init__(self, inputs: Sequence[Input], others: Sequence[Input]) -> None:
        self._inputs = inputs
        self._by_name = {column.name: column for column in (*inputs, *others)}

    def read(
        self, tensors: Sequence[Tensor], content: memoryview, rows: int
    ) -> Mapping[str, Column]:
        """Return every column; `content` is the data of all binary tensors, in order."""
        contents = slices(content, [tensor.binary_size for tensor in tensors])
        read: dict[str, Column] = {}
        for index, tensor in enumerate(tensors):
            if tensor.name in read:
                raise RequestError(f"`{tensor.name}` is given twice", f"$.inputs[{index}].name")
            targets = self._targets(tensors, index)
            columns = read_tensor(tensor, contents[index], targets, rows, index)
            read.update(zip((target.name for target in targets), columns, strict=True))
        self._fill(read, rows)
        return read

    def path_of(self, tensors: Sequence[Tensor], row: int, column: str | None) -> str:
        """Return the path of a row's value of a column."""
        for index, tensor in enumerate(tensors):
            names = [target.name for target in self._targets(tensors, index)]
            if column in names:
                return path_in_tensor(tensor, index, row, names.index(column), len(names))
        return "$.inputs"

    def _fill(self, read: dict[str, Column], rows: int) -> None:
        """Fill omitted nullable columns with missing values."""
        if len(read) == len(self._by_name):
            return
        for column in self._by_name.values():
            if column.name not in read:
                if not column.nullable:
                    raise RequestError(f"the tensor `{column.name}` is missing", "$.inputs")
                read[column.name] = [None] * rows

    def _targets(self, tensors: Sequence[Tensor], index: int) -> Sequence[Input]:
        """Return the columns of a tensor: a single matrix holds all inputs."""
        tensor = tensors[index]
        if column := self._by_name.get(tensor.name):
            return (column,)
        if len(tensors) == 1 and len(tensor.shape) > 1:
            return self._inputs
        raise RequestError(f"the model takes no `{tensor.name}`", f"$.inputs[{index}].name")
