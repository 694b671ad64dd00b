from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from perennial.api.digests import canonical_json, digest_of
from perennial.api.scalars import (
    ColumnName,
    DecimalString,
    Duration,
    Lag,
    Name,
    ObjectName,
    Path,
    Quantity,
    Ratio,
)
from perennial.api.schema import Spec, Status
from perennial.api.times import to_timedelta, to_timestamp


@pytest.mark.parametrize(
    ("type_", "good"),
    [
        (Name, ["a", "a-1", "1a", "x" * 63]),
        (ObjectName, ["a.b", "registry", "x" * 253]),
        (ColumnName, ["a", "Größe in cm", " "]),
        (Duration, ["1s", "90s", "24h", "30d", "999999m"]),
        (Lag, ["0d", "0s", "7d"]),
        (DecimalString, ["0", "-1", "0.05", "120.50"]),
        (Ratio, ["0", "1", "0.05", "1.0", "0.999999999"]),
        (Path, ["raw/flights/", "a b.csv", "x"]),
        (Quantity, [0, 2, "2", "500m", "1Gi", "0.5", "1.5Gi"]),
    ],
)
def test_a_value_is_taken_as_it_is_spelled(type_, good):
    adapter = TypeAdapter(type_)
    assert [adapter.validate_python(value) for value in good] == good


@pytest.mark.parametrize(
    ("type_", "bad"),
    [
        (Name, ["", "A", "-a", "a-", "a.b", "a_b", "x" * 64]),
        (ObjectName, ["", "A", ".a", "a_b", "x" * 254]),
        (ColumnName, ["", "a\n", "a\x00", "x" * 129]),
        (Duration, ["", "0s", "1", "d", "1.5h", "-1d", "1w", "1000000s"]),
        (Lag, ["", "0", "-1d"]),
        (DecimalString, ["", ".5", "1.", "1e3", "NaN", "5%", "+1"]),
        (Ratio, ["", "2", "1.1", "-0.1", "5%", "0.1234567890"]),
        (Path, ["", "/raw", "a\tb", "x" * 1025]),
        (Quantity, [-1, 0.5, "1GB", "", "-1", "1e3", True]),
    ],
)
def test_a_value_spelled_otherwise_is_refused(type_, bad):
    adapter = TypeAdapter(type_)
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


@pytest.mark.parametrize(
    ("duration", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("24h", timedelta(days=1)),
        ("30d", timedelta(days=30)),
        ("0d", timedelta()),
    ],
)
def test_a_duration_is_a_length_of_time(duration, length):
    assert to_timedelta(duration) == length


def test_a_timestamp_has_whole_seconds_and_ends_with_z():
    moment = datetime(2026, 3, 1, 12, 0, 0, 999999, UTC)
    assert to_timestamp(moment) == "2026-03-01T12:00:00Z"


def test_equal_values_have_one_spelling_and_one_digest():
    assert canonical_json({"b": 1, "a": [True, None]}) == '{"a":[true,null],"b":1}'
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})


def test_a_digest_says_how_it_was_made():
    algorithm, _, digits = digest_of(None).partition(":")
    assert algorithm == "sha256"
    assert len(digits) == 64


def test_a_spec_refuses_what_it_does_not_know_and_a_status_passes_it_over():
    class Wanted(Spec):
        some_field: int = 1

    class Seen(Status):
        some_field: int = 1

    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Wanted.model_validate({"someFields": 2})
    assert Seen.model_validate({"someFields": 2}).some_field == 1
    assert Wanted(some_field=2).model_dump(by_alias=True) == {"someField": 2}


def test_nothing_read_is_ever_changed():
    class Wanted(Spec):
        some_field: int = 1

    with pytest.raises(ValidationError, match="frozen"):
        Wanted().some_field = 2
