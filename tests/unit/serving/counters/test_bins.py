import numpy as np

from perennial_serving.counters.bins import between, by_bin

ENDS = np.array([0.0, 1.0, np.inf, np.nan])


def test_a_value_belongs_to_the_bin_that_ends_with_it():
    values = np.array([1.0, -0.0, np.nextafter(0.0, 1.0), 0.0, np.nextafter(1.0, 2.0)])
    assert by_bin(values, ENDS).tolist() == [2, 2, 1, 0]


def test_what_is_missing_is_counted_where_it_has_an_end_of_its_own():
    values = np.array([np.nan, 5.0, np.nan])
    assert by_bin(values, ENDS).tolist() == [0, 0, 1, 2]
    assert by_bin(values, ENDS[:3]).tolist() == [0, 0, 1]


def test_counting_leaves_the_values_as_they_are():
    values = np.array([3.0, 1.0, 2.0])
    by_bin(values, ENDS)
    assert values.tolist() == [3.0, 1.0, 2.0]


def test_many_lines_are_taken_apart_at_once():
    assert between(np.array([[1, 1, 4], [0, 2, 2]])).tolist() == [[1, 0, 3], [0, 2, 0]]
