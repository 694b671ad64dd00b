import math

import numpy as np
import pytest
from pydantic import ValidationError

from perennial.artifacts.encoding import (
    ENCODER_FILE,
    OPERATIONS,
    EncoderFormat,
    Lookup,
    Numbers,
    Operation,
    RejectedCodes,
    Step,
    load_encoder,
)

ENCODER = EncoderFormat(
    width=2,
    words=(("x",),),
    numbers=(Numbers(inputs=(0,), steps=(Step(operation="Divide", operands=(0.1,)),), first=0),),
    codes=(),
    lookups=(Lookup(codes=0, columns=(1, 1), values=(math.nan, -math.inf)),),
    refusals=(RejectedCodes(codes=0, refused=(3,), message="no"),),
)


def test_what_is_written_is_read_to_the_last_bit(tmp_path):
    ENCODER.write(tmp_path)
    read = load_encoder(tmp_path)
    assert read.numbers == ENCODER.numbers
    assert math.isnan(read.lookups[0].values[0])
    assert read.lookups[0].values[1] == -math.inf


def test_the_file_is_json_that_everybody_reads(tmp_path):
    ENCODER.write(tmp_path)
    assert '"values":["NaN","-Infinity"]' in (tmp_path / ENCODER_FILE).read_text()


def test_an_operation_nobody_knows_is_refused(tmp_path):
    (tmp_path / ENCODER_FILE).write_text(
        ENCODER.model_dump_json(by_alias=True).replace("Divide", "Evaluate")
    )
    with pytest.raises(ValidationError, match="Evaluate"):
        load_encoder(tmp_path)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("Fill", [1.0, 2.0, 4.0]),
        ("Subtract", [-1.0, math.nan, 2.0]),
        ("Divide", [0.5, math.nan, 2.0]),
        ("Multiply", [2.0, math.nan, 8.0]),
        ("Add", [3.0, math.nan, 6.0]),
        ("AtLeast", [2.0, math.nan, 4.0]),
        ("AtMost", [1.0, math.nan, 2.0]),
    ],
)
def test_every_operation_works_in_place(operation, expected):
    values = np.array([1.0, math.nan, 4.0])
    OPERATIONS[Operation(operation)](values, np.array([2.0, 2.0, 2.0]), out=values)
    np.testing.assert_array_equal(values, expected)
    assert {Operation(operation)} <= OPERATIONS.keys()
