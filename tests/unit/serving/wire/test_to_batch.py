from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from builders.small_model import INPUTS, schema
from perennial.artifacts.frame import canonical_frame
from perennial_serving.wire.cell_types import ParsedRows
from perennial_serving.wire.to_batch import BatchBuilder, seconds

TIME = next(one for one in INPUTS if one.name == "time_hour")
NINE, TEN = datetime(2013, 1, 5, 9, tzinfo=UTC), datetime(2013, 1, 5, 10, tzinfo=UTC)
MORNING = 1357376400.0


def asked(*rows: tuple) -> ParsedRows:
    """Return a request for rows of delay, distance, weekend, time, carrier, destination."""
    return ParsedRows(rows, lambda row, _: f"$[{row}]")


FIRST = asked((12.5, 1400, False, NINE, "UA", "IAH"), (None, 80, None, None, "B6", None))
SECOND = asked((1.0, 200, True, TEN, "XX", "MIA"))


def test_rows_of_several_requests_stand_under_each_other():
    batch, times = BatchBuilder(schema()).build([FIRST, SECOND])
    expected = [[12.5, 1400, 0, MORNING], [np.nan, 80, np.nan, np.nan], [1, 200, 1, MORNING + 3600]]
    np.testing.assert_array_equal(batch.numbers, expected)
    assert batch.codes.tolist() == [[1, 0], [0, 3], [2, 1]]
    assert [*map(list, batch.texts)] == [["UA", "B6", "XX"], ["IAH", None, "MIA"]]
    assert times is None


def test_one_request_makes_the_same_rows_as_among_others():
    alone, together = (
        BatchBuilder(schema()).build([SECOND]),
        BatchBuilder(schema()).build([FIRST, SECOND]),
    )
    np.testing.assert_array_equal(alone.batch.numbers, together.batch.numbers[2:])
    np.testing.assert_array_equal(alone.batch.codes, together.batch.codes[2:])


def test_the_time_of_a_row_is_told_whether_it_is_an_input_or_not():
    assert BatchBuilder(schema(time_column="time_hour")).build([FIRST]).times == [MORNING, None]
    assert BatchBuilder(schema(time_column="time_hour")).build([asked(FIRST.rows[1])]).times is None
    more = asked((12.5, 1400, False, NINE, "UA", "IAH", TEN))
    batch, times = BatchBuilder(schema(time_column="booked_at")).build([more])
    assert times == [MORNING + 3600]
    assert batch.numbers.shape == (1, 4)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2013, 1, 5, 9, 30, 0, 123457, tzinfo=UTC),
        datetime(2013, 1, 5, 9, tzinfo=timezone(timedelta(hours=-11))),
        datetime(2013, 1, 5, 9),  # noqa: DTZ001 - a caller's time without a zone
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_time_becomes_the_number_that_training_made_of_it(moment: datetime):
    frame = canonical_frame([TIME], {"time_hour": [moment.isoformat()]})
    assert seconds(moment) == frame["time_hour"][0]


def test_a_missing_time_stays_missing():
    assert seconds(None) is None
