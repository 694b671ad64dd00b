from dataclasses import fields
from itertools import pairwise

import pytest

from builders.counting import layout_of
from perennial_serving.counters.double_buffer import Totals


@pytest.mark.parametrize("classes", ["two", "three", "none"])
def test_stretches_follow_each_other_without_a_gap(classes: str):
    layout = layout_of(classes)
    for stretches, length in ((layout.counts, layout.integers), (layout.sums, layout.floats)):
        found = [getattr(stretches, field.name) for field in fields(stretches)]
        assert found[0].start == 0
        assert found[-1].stop == length
        assert all(a.stop == b.start for a, b in pairwise(found))


def test_a_bank_holds_every_stretch():
    layout = layout_of()
    totals = Totals.empty(layout)
    assert len(totals.counts[layout.counts.features]) == len(layout.features)
    assert len(totals.sums[layout.sums.above]) == 2


def test_features_are_named_in_the_order_of_a_batch():
    assert layout_of().inputs == ("delay", "distance", "carrier", "origin")
