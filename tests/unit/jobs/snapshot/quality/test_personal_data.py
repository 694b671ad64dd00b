import random

import pyarrow as pa

from demo.flights import flights
from perennial.jobs.snapshot.quality.personal_data import PersonalDataMatch, PersonalDataScan


def found(*cells, kind=None):
    scan = PersonalDataScan()
    scan.look("x", pa.array(cells, kind or pa.string()))
    return [(match.kind, match.values) for match in scan.matches()]


def test_card_numbers_are_found_among_whole_numbers_too():
    cards = [4111111111111111, 5555555555554444, 7, None]
    assert found(*cards, kind=pa.int64()) == [("payment card numbers", 2)]


def test_long_identifiers_whose_checksum_is_right_by_chance_are_no_cards():
    draw = random.Random(7)
    identifiers = [draw.randrange(4 * 10**15, 5 * 10**15) for _ in range(2000)]
    assert found(*identifiers, kind=pa.int64()) == []


def test_values_are_counted_by_row_and_by_column():
    scan = PersonalDataScan()
    for _ in range(2):
        scan.look("b", pa.array(["a@b.de", "a@b.de", "x"]))
        scan.look("a", pa.array(["+49 30 1234567"]))
    assert [*scan.matches()] == [
        PersonalDataMatch("a", "telephone numbers", 2),
        PersonalDataMatch("b", "e-mail addresses", 4),
    ]


def test_flights_hold_none():
    rows = pa.Table.from_pandas(flights((1,)), preserve_index=False)
    scan = PersonalDataScan()
    for name in rows.column_names:
        scan.look(name, rows.column(name).combine_chunks().cast(pa.string()))
    assert [*scan.matches()] == []
