import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.jobs.snapshot.columns.inference import Inference


def inferred(*batches, decimal=".", is_text=True):
    inference = Inference(decimal, is_text=is_text)
    for cells in batches:
        inference.look(cells if isinstance(cells, pa.Array) else pa.array(cells, pa.string()))
    return inference.type()


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-20", None, ""], "Integer"),
        (["1", "2.5"], "Number"),
        (["1e3", ".5"], "Number"),
        (["007"], "Category"),
        (["01.5"], "Category"),
        (["12345678901234567890"], "Category"),
        (["true", "FALSE"], "Boolean"),
        (["yes", "no"], "Category"),
        (["2013-01-01", "2013-01-01T05:00:00Z"], "Timestamp"),
        (["2013-02-30"], "Category"),
        (["UA"], "Category"),
        (["1", "UA"], "Category"),
        (["true", "1"], "Category"),
        ([None, ""], None),
        ([], None),
    ],
)
def test_texts_of_a_format_without_types_have_the_narrowest_type_that_fits_all(texts, kind):
    assert inferred(texts) == kind


@pytest.mark.parametrize(
    ("texts", "kind"), [(["1"], "Category"), (["true"], "Category"), (["2013-01-01"], "Timestamp")]
)
def test_texts_of_a_format_with_types_are_texts_or_times(texts, kind):
    assert inferred(texts, is_text=False) == kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (pa.array([1]), "Integer"),
        (pa.array([1.0]), "Number"),
        (pa.array([True]), "Boolean"),
        (pa.array([0], pa.timestamp("s")), "Timestamp"),
    ],
)
def test_other_values_have_the_type_of_their_form(cells, kind):
    assert inferred(cells, is_text=False) == kind


def test_integers_in_one_file_and_fractions_in_another_are_numbers():
    assert inferred(pa.array([1]), pa.array([1.5]), is_text=False) == "Number"
    assert inferred(pa.array([1]), pa.array(["x"]), is_text=False) == "Category"


def test_a_decimal_comma_makes_numbers():
    assert inferred(["1,5"], decimal=",") == "Number"
    assert inferred(["1.5"], decimal=",") == "Category"


def test_a_header_is_enough_unless_it_says_text():
    for form, kind, needs_rows in [
        (pa.int64(), "Integer", False),
        (pa.string(), None, True),
        (pa.null(), None, False),
    ]:
        inference = Inference(".", is_text=False)
        inference.look_at_form(form)
        assert (inference.type(), inference.needs_rows) == (kind, needs_rows)


def test_rows_are_needed_until_it_is_clear_that_there_are_only_texts():
    inference = Inference(".", is_text=True)
    inference.look_at_form(pa.string())
    inference.look(pa.array(["1"]))
    assert inference.needs_rows
    inference.look(pa.array(["UA"]))
    assert not inference.needs_rows


def test_a_form_that_no_type_describes_is_remembered():
    inference = Inference(".", is_text=False)
    inference.look(pa.array([[1]]))
    assert inference.unreadable_form == "list<item: int64>"


words = st.sampled_from(["1", "2.5", "007", "true", "UA", "2013-01-01", None, "", "1e3"])


@settings(max_examples=100, deadline=None)
@given(st.lists(words, max_size=8), st.integers(0, 8))
def test_how_rows_are_cut_into_batches_does_not_matter(texts, cut):
    assert inferred(texts[:cut], texts[cut:]) == inferred(texts)
