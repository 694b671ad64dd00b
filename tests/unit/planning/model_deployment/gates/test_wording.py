"""Numbers and durations as a status states them."""

from datetime import timedelta

import pytest

from perennial.planning.model_deployment.gates.wording import decimal, duration


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (0.00012345, "0.0001234"),
        (123456.0, "123500"),
        (100.0, "100"),
        (5e-301, "0"),
        (0.0, "0"),
        (float("inf"), None),
        (float("nan"), None),
        (1e300, None),
        (None, None),
    ],
)
def test_a_number_is_short_and_has_no_exponent(value, text):
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "1s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(seconds=121), "3m"),
        (timedelta(hours=5), "300m"),
        (timedelta(days=30), "43200m"),
    ],
)
def test_a_duration_has_one_unit(value, text):
    assert duration(value) == text
