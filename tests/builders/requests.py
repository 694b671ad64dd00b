"""Requests for a schema, as hypothesis strategies: those that fit, and those that just do not."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial_serving.wire.binary import to_bytes
from perennial_serving.wire.datatypes import DATATYPES

HEADER_LENGTH = b"inference-header-content-length"

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(timezones=st.just(UTC) | zones).map(
    lambda moment: moment.isoformat().replace("+00:00", "Z")
)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
nests = st.lists(st.integers(), max_size=2) | st.dictionaries(texts, st.integers(), max_size=2)

FITTING = {
    ColumnType.NUMBER: numbers,
    ColumnType.INTEGER: st.integers(-(2**53), 2**53),
    ColumnType.CATEGORY: texts,
    ColumnType.BOOLEAN: st.booleans(),
    ColumnType.TIMESTAMP: times,
}
UNFIT = {
    ColumnType.NUMBER: st.one_of(texts, st.booleans(), nests),
    ColumnType.INTEGER: st.one_of(texts, st.booleans(), nests, st.just(0.5)),
    ColumnType.CATEGORY: st.one_of(numbers, st.booleans(), nests),
    ColumnType.BOOLEAN: st.one_of(numbers, texts, nests),
    ColumnType.TIMESTAMP: st.one_of(numbers, st.booleans(), nests, st.sampled_from(["", "noon"])),
}
UNSPELLABLE = ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"]


def fitting_rows(schema: ModelSchema) -> SearchStrategy[dict]:
    """Return rows that the schema takes; what may be missing is null or left out at times."""
    cells = {one.name: _cells(one) for one in schema.inputs}
    optional = {one.name: cells[one.name] for one in schema.inputs if one.nullable}
    required = {name: cell for name, cell in cells.items() if name not in optional}
    return st.fixed_dictionaries(required, optional=optional)


def _cells(one: Input) -> SearchStrategy:
    cells = FITTING[one.type] | _usual(one)
    return st.none() | cells if one.nullable else cells


def _usual(one: Input) -> SearchStrategy:
    """Return values like those of the training rows, as far as the schema tells of them."""
    if one.categories:
        return st.sampled_from(one.categories)
    if one.minimum is None or one.maximum is None or one.type is ColumnType.BOOLEAN:
        return st.nothing()
    if one.type is ColumnType.NUMBER:
        return st.floats(one.minimum, one.maximum)
    whole = st.integers(math.ceil(one.minimum), math.floor(one.maximum))
    if one.type is ColumnType.INTEGER:
        return whole
    return whole.map(lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat())


@st.composite
def mistaken_rows(draw: st.DrawFn, schema: ModelSchema) -> tuple[list[dict], str]:
    """Return rows with one wrong cell, and the path of that cell."""
    rows = draw(st.lists(fitting_rows(schema), min_size=1, max_size=4))
    place = draw(st.integers(0, len(rows) - 1))
    one = draw(st.sampled_from(schema.inputs))
    unfit = UNFIT[one.type] if one.nullable else st.none() | UNFIT[one.type]
    rows[place][one.name] = draw(unfit)
    return rows, f"$.rows[{place}].{one.name}"


def tensors_of(schema: ModelSchema, rows: Sequence[dict]) -> dict:
    """Return the request of the Open Inference Protocol that brings the same rows."""
    return {"inputs": [_tensor(one, rows) for one in schema.inputs]}


def _tensor(one: Input, rows: Sequence[dict]) -> dict:
    data = [row.get(one.name) for row in rows]
    datatype = "FP64" if one.type is ColumnType.NUMBER else next(iter(DATATYPES[one.type]))
    return {"name": one.name, "datatype": datatype, "shape": [len(rows)], "data": data}


def binary_tensors_of(schema: ModelSchema, rows: Sequence[dict]) -> tuple[bytes, dict]:
    """Return the same in binary, as far as binary can say it, and its header."""
    request, contents = tensors_of(schema, rows), []
    for tensor in request["inputs"]:
        if tensor["datatype"] == "FP64":
            data = np.array(tensor.pop("data"), np.float64)
        elif None in tensor["data"]:
            continue
        else:
            data = tensor.pop("data")
        contents.append(to_bytes(tensor["datatype"], data))
        tensor["parameters"] = {"binary_data_size": len(contents[-1])}
    text = json.dumps(request).encode()
    return b"".join([text, *contents]), {HEADER_LENGTH: str(len(text)).encode()}


def anything(schema: ModelSchema) -> SearchStrategy[bytes]:
    """Return bodies that are nearly right, or not at all."""
    names = st.sampled_from([one.name for one in schema.inputs]) | texts
    cells = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), texts, times, nests)
    rows = fitting_rows(schema) | st.dictionaries(names, cells, max_size=8)
    some_tensors = st.fixed_dictionaries(
        {"name": names, "shape": st.lists(st.integers(-1, 4), max_size=3)},
        optional={
            "datatype": st.sampled_from(["FP64", "FP16", "INT8", "UINT64", "BOOL", "BYTES", ""]),
            "data": st.lists(cells, max_size=8) | st.lists(st.lists(cells, max_size=3), max_size=3),
            "parameters": st.dictionaries(st.just("binary_data_size"), cells, max_size=1),
        },
    )
    outputs = st.lists(st.fixed_dictionaries({"name": texts | st.just("predict")}), max_size=2)
    requests = st.fixed_dictionaries(
        {"inputs": st.lists(some_tensors, max_size=7)},
        optional={"outputs": outputs, "id": cells, "parameters": st.dictionaries(texts, cells)},
    )
    values = st.one_of(
        st.fixed_dictionaries({"rows": st.lists(rows, max_size=3)}),
        st.lists(rows, max_size=3),
        requests,
        rows,
        cells,
        st.builds(lambda some: tensors_of(schema, some), st.lists(rows, max_size=3)),
    )
    spelled = values.map(json.dumps).map(str.encode)
    return spelled | spelled.flatmap(_damaged) | st.binary(max_size=64)


def _damaged(body: bytes) -> SearchStrategy[bytes]:
    """Return a body with one piece of it cut out, doubled, or replaced."""
    pieces = st.sampled_from([b"", b'"', b"]", b"{", b",", b"\\", b"\xff", b"\0", b"NaN", b"1e999"])
    ends = st.tuples(st.integers(0, len(body)), st.integers(0, len(body))).map(sorted)
    return st.builds(lambda cut, piece: body[: cut[0]] + piece + body[cut[1] :], ends, pieces)
