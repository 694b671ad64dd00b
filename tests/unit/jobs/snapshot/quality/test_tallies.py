import pytest

from builders.snapshot import column, reader
from perennial.jobs.snapshot.quality.tallies import ColumnTally
from perennial.jobs.snapshot.typed_rows import typed_rows


@pytest.fixture
def tallied(tmp_path):
    def tallied(texts, kind, **fields):
        stated = column("x", kind, **fields)
        source = reader(
            tmp_path / "a.csv", "\n".join(["x,y", *(f"{text}," for text in texts)]).encode()
        )
        tally = ColumnTally("x", stated.type, stated)
        for rows in typed_rows(source, {"x": stated.type}):
            tally.update(rows)
        return tally

    return tallied


def test_missing_and_unreadable_values_are_told_apart(tallied):
    tally = tallied(["1", "", "Jo Doe", "x"], "Number")
    assert (tally.rows, tally.missing, tally.unreadable.values) == (4, 1, 2)
    assert tally.unreadable.first == "'Aa Aaa' in row 3 of a.csv"


def test_smallest_and_largest_are_kept(tallied):
    tally = tallied(["3", "", "-1"], "Integer")
    assert (tally.smallest, tally.largest) == (-1, 3)
    assert tallied(["", ""], "Number").smallest is None


@pytest.mark.parametrize("kind", ["Number", "Integer"])
def test_values_beyond_the_limits_are_counted(tallied, kind):
    tally = tallied(["5", "10", "11", "4", "", "20"], kind, minimum="5", maximum="10")
    assert (tally.below.values, tally.below.first) == (1, "in row 4 of a.csv")
    assert (tally.above.values, tally.above.first) == (2, "in row 3 of a.csv")


def test_limits_between_whole_numbers_hold_for_whole_numbers(tallied):
    tally = tallied(["1", "2", "3"], "Integer", minimum="1.5", maximum="2.5")
    assert (tally.below.values, tally.above.values) == (1, 1)


def test_whole_numbers_are_compared_exactly(tallied):
    tally = tallied([str(2**53), str(2**53 + 1)], "Integer", maximum=str(2**53))
    assert tally.above.values == 1


def test_values_that_are_not_named_are_counted_and_shown_by_their_shape(tallied):
    tally = tallied(["UA", "", "Mary", "zz"], "Category", allowed_values=("UA",))
    assert tally.foreign.values == 2
    assert tally.foreign.first == "'Aaaa' in row 3 of a.csv"


def test_rows_without_a_value_can_be_added(tallied):
    tally = tallied(["1"], "Number")
    tally.add_missing(3)
    assert (tally.rows, tally.missing) == (4, 3)
