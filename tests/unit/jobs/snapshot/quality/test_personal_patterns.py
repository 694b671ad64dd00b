import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from perennial.jobs.snapshot.quality.personal_patterns import PATTERNS


def found(text):
    return [
        pattern.kind
        for pattern in PATTERNS
        if any(pattern.is_valid(match[1]) for match in re.finditer(pattern.form, text))
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mary@example.com", "e-mail addresses"),
        ("please write to j.o-b+x@mail.example.co.uk, thanks", "e-mail addresses"),
        ("+49 30 1234567", "telephone numbers"),
        ("+14155552671", "telephone numbers"),
        ("(415) 555-2671", "telephone numbers"),
        ("call 415-555-2671", "telephone numbers"),
        ("4111 1111 1111 1111", "payment card numbers"),
        ("4111-1111-1111-1111", "payment card numbers"),
        ("378282246310005", "payment card numbers"),
        ("5555555555554444", "payment card numbers"),
        ("paid by 6011111111111117.", "payment card numbers"),
        ("078-05-1120", "national numbers"),
        ("AB 12 34 56 C", "national numbers"),
        ("123.456.789-09", "national numbers"),
        ("RSSMRA85T10A562S", "national numbers"),
    ],
)
def test_personal_data_is_found(text, kind):
    assert found(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "UA", "N14228", "EWR-LAX", "2013-01-01", "2013-01-01 05:00:00", "2013-01-01T05:00:00+02:00",
        "1545", "517.0", "40.6413,-73.7781", "B6 725", "10.0.0.1", "user@localhost", "v1.2.3",
        "4111 1111 1111 1112", "1234567890123456", "000-12-3456", "123-45-0000", "9780306406157",
        "550e8400-e29b-41d4-a716-446655440000", "12:30", "+5", "-1000000000", "1e+10", "A-100-200",
        "2013-01-01 2013-01-02",
    ],
)  # fmt: skip
def test_what_is_no_personal_data_is_left_alone(text):
    assert found(text) == []


@pytest.mark.parametrize("pattern", PATTERNS)
def test_both_readers_of_patterns_understand_them_alike(pattern):
    texts = ["mary@example.com", "+49 30 1234567", "4111 1111 1111 1111", "078-05-1120", "UA", ""]
    quick = pc.match_substring_regex(pa.array(texts), pattern.form).to_pylist()
    assert quick == [re.search(pattern.form, text) is not None for text in texts]
