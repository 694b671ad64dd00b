import numpy as np
import pytest

from perennial.artifacts.encoding import (
    Lookup,
    NumberCodes,
    Numbers,
    Operation,
    RejectedCodes,
    Step,
)
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.assembly import assembled
from perennial.jobs.compile.context import Rejected
from perennial.jobs.compile.features import Columns, Number, Table, TextCodes
from perennial.jobs.compile.features import NumberCodes as Codes

FILL, DIVIDE = Operation.FILL, Operation.DIVIDE
BIN = Codes(Number(1, ((FILL, 4.0),)), (1.0, 2.0), exact=False)


def encoder(*features, rejected=(), words=((),)):
    return assembled(Columns(features), rejected, words)


def table(*outcomes, codes=None) -> Table:
    return Table(codes or TextCodes(0), np.array(outcomes, float))


def test_neighbours_with_equal_operations_are_one_block():
    made = encoder(
        Number(2, ((FILL, 1.0), (DIVIDE, 3.0))),
        Number(0, ((FILL, 2.0), (DIVIDE, 4.0))),
        Number(1, ((DIVIDE, 5.0),)),
    )
    assert made.numbers == (
        Numbers(
            inputs=(2, 0),
            steps=(
                Step(operation=FILL, operands=(1.0, 2.0)),
                Step(operation=DIVIDE, operands=(3.0, 4.0)),
            ),
            first=0,
        ),
        Numbers(inputs=(1,), steps=(Step(operation=DIVIDE, operands=(5.0,)),), first=2),
    )


def test_numbers_apart_are_blocks_apart():
    made = encoder(Number(0), table(1.0), Number(1))
    assert [(one.inputs, one.first) for one in made.numbers] == [((0,), 0), ((1,), 2)]


def test_all_columns_of_a_one_hot_encoded_text_are_one_lookup():
    made = encoder(Number(0), table(1, 0, 0, 0), table(0, 0, 1, 0))
    assert made.lookups == (Lookup(codes=0, columns=(1, 1, 2, 1), values=(1, 0, 1, 0)),)


def test_columns_that_count_together_are_lookups_apart():
    made = encoder(table(1, 2), table(3, 4))
    assert [one.columns for one in made.lookups] == [(0, 0), (1, 1)]


def test_codes_of_numbers_follow_those_of_texts():
    made = encoder(
        table(0, 1, 2, 3, codes=BIN),
        rejected=[Rejected(BIN, (3,), "missing")],
        words=((), ("x",)),
    )
    assert made.codes == (
        NumberCodes(
            input=1,
            steps=(Step(operation=FILL, operands=(4.0,)),),
            bounds=(1.0, 2.0),
            exact=False,
        ),
    )
    assert [one.codes for one in made.lookups] == [2]
    assert made.refusals == (RejectedCodes(codes=2, refused=(3,), message="missing"),)
    assert made.words == ((), ("x",))


def test_texts_are_no_dense_column():
    with pytest.raises(NotCompilableError, match="the estimator is given texts"):
        encoder(Table(TextCodes(0), np.array(["a", np.nan], object)))
