from datetime import timedelta

import pytest

from builders.job import NOON
from perennial.cli.output import age, cell


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=119), "119m"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=12), "12d"),
        (timedelta(seconds=-3), "0s"),
    ],
)
def test_an_age_is_one_number_and_one_unit(since, text):
    assert age(NOON - since, NOON) == text


def test_what_is_not_known_is_a_dash():
    assert [str(cell(value)) for value in (None, "", 0, "x")] == ["-", "-", "0", "x"]
