from dataclasses import dataclass, field

import numpy as np
import pytest

from perennial.artifacts.answers import Answers
from perennial.artifacts.tier import Tier
from perennial.jobs.parity.cells import Block
from perennial.jobs.parity.compare import Agreement, DisagreementError, compare
from perennial_serving.model.batch import Batch
from perennial_serving.model.errors import RowRefusedError


@dataclass
class Line:
    """A regression: 1000 x, a little beside; refuses what lies above a limit."""

    beside: float = 0.0
    limit: float = np.inf
    tier: Tier = Tier.COMPILED
    calls: list[int] = field(default_factory=list)

    def answer(self, batch: Batch) -> Answers:
        numbers = batch.numbers[:, 0]
        self.calls.append(batch.rows)
        if (numbers > self.limit).any():
            raise RowRefusedError(int(np.argmax(numbers > self.limit)), "x", "too much")
        return Answers((numbers * 1000 * (1 + self.beside)).tolist(), None)


@dataclass
class Side:
    """A classification whose probability is that of being above a half."""

    threshold: float = 0.5
    beside: float = 0.0
    tier: Tier = Tier.COMPILED

    def answer(self, batch: Batch) -> Answers:
        numbers = batch.numbers[:, 0]
        said = (numbers > self.threshold).tolist()
        return Answers(said, np.column_stack([1 - numbers, numbers + self.beside]))


def block(kind: str, *numbers: float) -> Block:
    column = np.array(numbers, dtype=np.float64)[:, None]
    return Block(kind, Batch(column, np.empty((len(numbers), 0), np.intp), []))


KNOWN = block("known rows", *np.linspace(0, 1, 50))


def test_a_difference_is_relative_above_one():
    seen = compare(Line(), Line(beside=1e-12), [KNOWN])
    assert seen.rows == 50
    assert seen.difference == pytest.approx(1e-12, rel=1e-3)


def test_a_number_too_far_away_is_told_with_the_kind_of_row():
    with pytest.raises(DisagreementError, match=r"differs by 1e-08 in far rows"):
        compare(Line(), Line(beside=1e-8), [block("near rows", 0.0), block("far rows", 5.0)])


def test_a_probability_too_far_away_is_told():
    with pytest.raises(DisagreementError, match="differs by 2e-09 in known rows"):
        compare(Side(), Side(beside=2e-9), [KNOWN])


def test_a_label_that_differs_is_told():
    with pytest.raises(DisagreementError, match="label differs in 1 of 2 rows, first in edges"):
        compare(Side(), Side(threshold=0.4), [block("edges", 0.5, 0.2)])


def test_true_is_not_one():
    class Ones(Side):
        def answer(self, batch: Batch) -> Answers:
            answers = super().answer(batch)
            return Answers([int(one) for one in answers.predictions], answers.probabilities)

    with pytest.raises(DisagreementError, match="label differs"):
        compare(Side(), Ones(), [KNOWN])


def test_both_must_give_probabilities_or_neither():
    class Sure(Side):
        def answer(self, batch: Batch) -> Answers:
            return Answers(super().answer(batch).predictions, None)

    with pytest.raises(DisagreementError, match="only one of the two gives probabilities"):
        compare(Side(), Sure(), [KNOWN])


def test_rows_that_both_refuse_agree():
    blocks = [KNOWN, block("x = 2", 2.0, 3.0), block("x = 0.5", 0.5)]
    assert compare(Line(limit=1.0), Line(limit=1.5), blocks) == Agreement(53, 0.0)


def test_a_row_that_only_the_pipeline_refuses_is_told():
    with pytest.raises(DisagreementError, match="answers x = 2, which the pipeline refuses"):
        compare(Line(limit=1.0), Line(), [KNOWN, block("x = 2", 2.0)])


def test_a_row_that_only_the_candidate_refuses_is_told():
    with pytest.raises(DisagreementError, match="refuses x = 2, which the pipeline answers: too"):
        compare(Line(), Line(limit=1.0), [KNOWN, block("x = 2", 2.0)])


def test_of_many_refused_rows_of_one_kind_a_few_are_found():
    reference = Line(limit=1.0)
    seen = compare(reference, Line(limit=1.0), [block("x > 1", *np.linspace(2, 3, 400))])
    assert seen.rows == 8
    assert len(reference.calls) < 40


def test_rows_among_refused_ones_are_compared():
    numbers = np.linspace(0, 1, 400)
    numbers[[7, 300]] = 2.0
    seen = compare(Line(limit=1.0), Line(limit=1.0), [block("some are 2", *numbers)])
    assert seen.rows == 400
    with pytest.raises(DisagreementError, match="differs by 1e-06 in some are 2"):
        compare(Line(limit=1.0), Line(limit=1.0, beside=1e-6), [block("some are 2", *numbers)])


@pytest.mark.parametrize(("one_way", "most_rows"), [("alone", 1), ("in small company", 32)])
def test_rows_are_compared_in_whatever_company_they_come(one_way, most_rows):
    @dataclass
    class Wrong(Line):
        def answer(self, batch: Batch) -> Answers:
            self.beside = 1e-6 if batch.rows == most_rows else 0.0
            return super().answer(batch)

    with pytest.raises(DisagreementError, match="differs by 1e-06 in known rows"):
        compare(Line(), Wrong(), [KNOWN])


def test_a_row_that_is_refused_only_alone_is_told():
    @dataclass
    class Shy(Line):
        def answer(self, batch: Batch) -> Answers:
            self.limit = 0.5 if batch.rows == 1 else np.inf
            return super().answer(batch)

    with pytest.raises(DisagreementError, match="refuses rows that it answers in other company"):
        compare(Line(), Shy(), [block("many", *np.linspace(0, 1, 40))])


def test_what_scikit_learn_answers_is_asked_at_once():
    candidate = Line(tier=Tier.ENCODED)
    compare(Line(), candidate, [KNOWN])
    assert candidate.calls == [50]


def test_rows_are_asked_in_portions():
    reference = Line()
    blocks = [block("many", *np.linspace(0, 1, 1000))] * 7
    assert compare(reference, Line(), blocks).rows == 7000
    assert reference.calls == [3000, 3000, 1000]
