import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.jobs.snapshot.order.row_hash import cell_hashes, row_hashes
from perennial.jobs.snapshot.order.spill import Spill


def filled(folder, *batches, largest=1 << 20):
    spill = Spill(folder, largest=largest)
    for numbers in batches:
        rows = pa.record_batch({"x": pa.array(numbers, pa.int64())})
        spill.add(rows, row_hashes(cell_hashes(rows)))
    return spill


def numbers(spill):
    return [number for part in spill.in_order() for number in part.column("x").to_pylist()]


def test_rows_come_back_in_one_order_however_they_went_in(tmp_path):
    one = numbers(filled(tmp_path / "one", range(1000)))
    other = numbers(filled(tmp_path / "other", range(999, 300, -1), range(301)))
    assert one == other
    assert sorted(one) == [*range(1000)]


def test_parts_that_are_too_large_are_parted_again_and_give_the_same_order(tmp_path):
    whole = numbers(filled(tmp_path / "whole", range(3000)))
    fine = filled(tmp_path / "fine", range(1500), range(1500, 3000), largest=100)
    assert numbers(fine) == whole
    assert any(path.is_dir() for path in (tmp_path / "fine").iterdir())


def test_the_order_can_be_asked_for_again(tmp_path):
    spill = filled(tmp_path / "x", range(500), largest=100)
    assert numbers(spill) == numbers(spill)


def test_equal_rows_end_in_one_part_and_the_deepest_level_is_the_end(tmp_path):
    spill = filled(tmp_path / "x", [7] * 50, [7] * 50, largest=1)
    (part,) = spill.parts()
    assert part.num_rows == 100


def test_rows_of_equal_hash_are_ordered_by_their_values(tmp_path):
    spill = Spill(tmp_path / "x")
    for texts in (["b", None], ["a", "c"]):
        rows = pa.record_batch({"x": pa.array(texts, pa.string())})
        spill.add(rows, np.zeros(2, dtype=np.uint64))
    assert numbers(spill) == ["a", "b", "c", None]


@pytest.mark.parametrize("name", [".fitted", ".", "a.b", "[0]", "0"])
def test_a_name_that_arrow_would_read_as_a_path_is_a_name(tmp_path, name):
    spill = Spill(tmp_path / "x")
    rows = pa.record_batch({name: pa.array([2, 1]), "1": pa.array([3, 4])})
    spill.add(rows, np.zeros(2, dtype=np.uint64))
    (part,) = spill.in_order()
    assert sorted(zip(*part.to_pydict().values(), strict=True)) == [(1, 4), (2, 3)]
    assert set(part.column_names) == {name, "1"}


def test_nothing_in_gives_nothing_back(tmp_path):
    assert numbers(Spill(tmp_path / "x")) == []


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return (tmp_path_factory.mktemp("spill") / str(number) for number in range(1_000_000))


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.integers(-5, 5), max_size=40), data=st.data())
def test_any_order_and_any_batches_give_the_same_rows_in_the_same_order(folders, values, data):
    shuffled = data.draw(st.permutations(values))
    cut = data.draw(st.integers(0, len(values)))
    one = filled(next(folders), values)
    other = filled(next(folders), shuffled[:cut], shuffled[cut:], largest=64)
    assert numbers(one) == numbers(other)
