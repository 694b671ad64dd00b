import pytest

from builders.snapshot import FLIGHTS, NOON, as_csv, contract, reader
from perennial.jobs.snapshot.columns.survey import survey
from perennial.jobs.snapshot.intake import Intake
from perennial.jobs.snapshot.selection import Selection


@pytest.fixture
def taken(tmp_path):
    def taken(content, **fields):
        of = contract(**fields)
        readers = [reader(tmp_path / "a.csv", content)]
        found = survey(readers, of, {})
        intake = Intake(of, found, tmp_path / "spill")
        for rows in Selection(readers, of, found.types).rows():
            intake.take(rows)
        return intake

    return taken


@pytest.mark.parametrize(
    ("content", "quality", "repeats"),
    [
        (b"a,b\n1,1\n1,1\n1,2\n1,1\n", {"maxDuplicates": "0.1"}, 2),
        (b"a,b\n1,1\n1,1\n1,2\n1,1\n", {"uniqueKey": ["a"]}, 3),
        (b"a,b\n1,1\n1,1\n1,2\n1,1\n", {"uniqueKey": ["b", "a"]}, 2),
        (b"a,b\n,1\n,2\n3,3\n", {"uniqueKey": ["a"]}, 1),
        (b".a,b\n1,1\n1,1\n1,2\n", {"uniqueKey": [".a"]}, 2),
        (b"a,b\n1,1\n1,1\n", {}, 0),
    ],
)
def test_rows_that_repeat_another_are_counted_where_the_contract_limits_them(
    taken, content, quality, repeats
):
    assert taken(content, quality=quality).evidence(NOON).repeats == repeats


def test_many_rows_are_counted_exactly(taken):
    content = "a,b\n" + "".join(f"{number % 1000},{number % 7}\n" for number in range(3000))
    assert taken(content.encode(), quality={"uniqueKey": ["a"]}).evidence(NOON).repeats == 2000


def test_it_knows_the_times_of_its_rows(taken):
    intake = taken(as_csv(), timeColumn="time_hour")
    assert intake.times() == (FLIGHTS["time_hour"][0], FLIGHTS["time_hour"][-1])
    assert intake.evidence(NOON).newest == FLIGHTS["time_hour"][-1]


def test_personal_data_is_looked_for_only_where_it_matters(taken):
    content = b"a,b\nmary@example.com,1\n"
    assert taken(content).evidence(NOON).personal_data == ()
