import pytest

from perennial.api.times import to_datetime
from perennial.cli.read import newest

NOON, LATER = "2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z"


def event(**fields):
    metadata = {"creationTimestamp": NOON}
    return {"metadata": metadata, "type": "Normal", "reason": "Starting", **fields}


@pytest.mark.parametrize(
    ("fields", "at", "count"),
    [
        ({}, NOON, 1),
        ({"lastTimestamp": None, "eventTime": LATER}, LATER, 1),
        ({"lastTimestamp": LATER, "count": 3}, LATER, 3),
        ({"eventTime": NOON, "series": {"lastObservedTime": LATER, "count": 7}}, LATER, 7),
    ],
)
def test_the_time_and_the_number_of_an_event_in_every_version_of_its_api(fields, at, count):
    (found,) = newest([event(**fields)])
    assert (found.at, found.count) == (to_datetime(at), count)


def test_only_the_newest_events_are_shown_newest_first():
    many = [event(lastTimestamp=f"2026-03-01T12:{minute:02}:00Z") for minute in range(20)]
    found = newest(many)
    assert [each.at.minute for each in found] == [19, 18, 17, 16, 15, 14, 13, 12]
