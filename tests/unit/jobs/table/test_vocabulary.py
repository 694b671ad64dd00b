import numpy as np
import pandas as pd
import pytest

from builders.designs import inputs, rows
from perennial.api.tasks import ColumnLimits
from perennial.jobs.table.vocabulary import described


def by_name(*limits: ColumnLimits) -> dict:
    return {one.name: one for one in described(inputs(), rows().frame, limits)}


def test_a_category_knows_every_value_of_training_in_order():
    found = by_name()
    assert found["city"].categories == ("Aix", "Bonn", "Cork")
    assert found["amount"].categories is None


def test_everything_else_knows_its_smallest_and_largest_value():
    found, frame = by_name(), rows().frame
    for name in ("amount", "visits", "member", "since"):
        assert found[name].minimum == frame[name].min()
        assert found[name].maximum == frame[name].max()
    assert found["city"].minimum is None


@pytest.mark.parametrize("values", [[np.nan, np.nan], [np.inf, -np.inf]])
def test_a_column_without_a_finite_number_has_no_range(values):
    (found,) = described(inputs("amount"), pd.DataFrame({"amount": values}))
    assert (found.minimum, found.maximum) == (None, None)


def test_a_category_that_is_never_there_has_no_values():
    empty = pd.DataFrame({"city": pd.Series([np.nan, np.nan], dtype=object)})
    (found,) = described(inputs("city"), empty)
    assert found.categories == ()


def test_what_the_contract_allows_stands_beside_what_occurred():
    found = by_name(
        ColumnLimits(name="amount", minimum="-4.5"),
        ColumnLimits(name="city", allowed_values=("Aix", "Bonn", "Cork", "Delft")),
        ColumnLimits(name="seen", minimum="1"),
    )
    assert (found["amount"].contract_minimum, found["amount"].contract_maximum) == (-4.5, None)
    assert found["city"].contract_categories == ("Aix", "Bonn", "Cork", "Delft")
    assert found["visits"].contract_minimum is None
