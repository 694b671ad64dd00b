from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.snapshot import (
    FLIGHTS,
    as_csv,
    as_json_lines,
    as_parquet,
    contract,
    snapshot,
)
from builders.snapshot import (
    settings as pod_settings,
)
from perennial.jobs.stored_snapshot import verify_rows
from perennial.planning.dataset.contract import contract_digest

DECLARED = [
    {"name": "time_hour", "type": "Timestamp"},
    {"name": "carrier", "type": "Category"},
    {"name": "flight", "type": "Integer"},
    {"name": "dep_delay", "type": "Number"},
    {"name": "late", "type": "Boolean"},
]
WRITERS = {"csv": as_csv, "parquet": as_parquet, "jsonl": as_json_lines}


def changed(**cells):
    """Return the flights with the first cell of some columns changed."""
    return {name: [cells.get(name, row[0]), *row[1:]] for name, row in FLIGHTS.items()}


def rows_in(folder, manifest):
    parts = manifest.parts(pod_settings(folder).output)
    return pa.concat_tables(pq.read_table(part) for part in parts).to_pylist()


def test_a_snapshot_holds_the_rows_their_types_and_their_times(tmp_path):
    of = contract(timeColumn="time_hour")
    manifest = snapshot(tmp_path, {"a.csv": as_csv()}, of)
    key = "flight"
    expected = [dict(zip(FLIGHTS, row, strict=True)) for row in zip(*FLIGHTS.values(), strict=True)]
    found = rows_in(tmp_path, manifest)
    assert sorted(found, key=lambda row: row[key]) == sorted(expected, key=lambda row: row[key])
    assert manifest.rows == 6
    assert manifest.from_ == datetime(2013, 1, 1, 5, tzinfo=UTC)
    assert manifest.to == datetime(2013, 1, 6, 5, tzinfo=UTC)
    assert manifest.contract == contract_digest(of)
    assert [column.name for column in manifest.columns] == sorted(FLIGHTS)


def test_what_is_written_verifies_against_its_digest(tmp_path):
    manifest = snapshot(tmp_path, {"a.csv": as_csv()})
    verify_rows(manifest, pod_settings(tmp_path).output)


def test_the_digest_of_known_rows_never_changes(tmp_path):
    """A release that gives these rows another digest takes every snapshot anew."""
    manifest = snapshot(tmp_path, {"a.csv": as_csv()}, columns=DECLARED)
    assert manifest.digest == (
        "sha256:47ffa9f4b09f620e4bbaf68a1814e34b55b744fc8ccea97d8c2927a79c5b3836"
    )


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_digest_does_not_hang_on_the_format(tmp_path, suffix):
    one = snapshot(tmp_path / "one", {"a.csv": as_csv()})
    other = snapshot(tmp_path / "other", {f"a.{suffix}": WRITERS[suffix]()})
    assert other.digest == one.digest
    assert other.files == one.files


def test_the_order_of_columns_does_not_matter(tmp_path):
    turned = dict(reversed(FLIGHTS.items()))
    one = snapshot(tmp_path / "one", {"a.csv": as_csv()})
    assert snapshot(tmp_path / "other", {"a.csv": as_csv(turned)}).digest == one.digest


@pytest.mark.parametrize(
    "cells",
    [
        {"dep_delay": 2.25},
        {"dep_delay": None},
        {"carrier": "AA"},
        {"carrier": None},
        {"flight": 1546},
        {"late": True},
        {"time_hour": datetime(2013, 1, 1, 5, 0, 0, 1, tzinfo=UTC)},
    ],
)
def test_a_changed_cell_changes_the_digest(tmp_path, cells):
    one = snapshot(tmp_path / "one", {"a.csv": as_csv()}, columns=DECLARED)
    other = snapshot(
        tmp_path / "other", {"a.parquet": as_parquet(changed(**cells))}, columns=DECLARED
    )
    assert other.digest != one.digest


def test_a_row_that_stands_there_twice_counts_twice(tmp_path):
    one = snapshot(tmp_path / "one", {"a.csv": as_csv()})
    other = snapshot(tmp_path / "other", {"a.csv": as_csv(), "b.csv": as_csv()})
    assert (one.rows, other.rows) == (6, 12)
    assert other.digest != one.digest


def test_another_name_or_type_of_a_column_is_another_snapshot(tmp_path):
    named = {f"{name}_": cells for name, cells in FLIGHTS.items()}
    typed = [{"name": "flight", "type": "Number"}]
    digests = {
        snapshot(tmp_path / "one", {"a.csv": as_csv()}).digest,
        snapshot(tmp_path / "two", {"a.csv": as_csv(named)}).digest,
        snapshot(tmp_path / "three", {"a.csv": as_csv()}, columns=typed).digest,
    }
    assert len(digests) == 3


def test_filtered_rows_are_the_same_rows_wherever_they_stood(tmp_path):
    only = {"filter": [{"column": "carrier", "values": ["UA"]}]}
    rows = {name: [cells[0], cells[4]] for name, cells in FLIGHTS.items()}
    one = snapshot(tmp_path / "one", {"a.csv": as_csv()}, **only)
    assert snapshot(tmp_path / "other", {"a.csv": as_csv(rows)}).digest == one.digest


def test_a_column_may_be_missing_only_where_the_contract_lets_it(tmp_path):
    columns = [{"name": "flight", "type": "Integer", "nullable": False}]
    manifest = snapshot(tmp_path, {"a.csv": as_csv()}, columns=columns)
    nullable = {column.name: column.nullable for column in manifest.columns}
    assert not nullable["flight"]
    assert nullable["carrier"]


def test_scratch_files_are_gone_afterwards(tmp_path):
    snapshot(tmp_path, {"a.csv": as_csv()})
    assert sorted(path.name for path in pod_settings(tmp_path).folder.iterdir()) == [
        "input",
        "output",
    ]


rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-(2**51), 2**51)),
        st.one_of(st.none(), st.sampled_from(["UA", "AA", "a,b", 'a"b', "ü", "1", "x\ny"])),
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        st.one_of(st.none(), st.booleans()),
    ),
    min_size=1,
    max_size=12,
)
KINDS = [pa.timestamp("us", "UTC"), pa.string(), pa.int64(), pa.float64(), pa.bool_()]


def table(found):
    columns = zip(*found, strict=True) if found else [()] * len(KINDS)
    arrays = [pa.array(cells, kind) for cells, kind in zip(columns, KINDS, strict=True)]
    return pa.table(arrays, names=[column["name"] for column in DECLARED])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return (tmp_path_factory.mktemp("snapshots") / str(number) for number in range(1_000_000))


@settings(max_examples=40, deadline=None)
@given(rows, st.data())
def test_any_order_of_rows_in_any_files_of_any_format_gives_the_same_digest(folders, found, data):
    shuffled = data.draw(st.permutations(found))
    cut = data.draw(st.integers(0, len(found)))
    suffix = data.draw(st.sampled_from([*WRITERS]))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    files = {
        f"{number}.{suffix}": WRITERS[suffix](table(part)) for number, part in enumerate(parts)
    }
    one = snapshot(next(folders), {"a.parquet": as_parquet(table(found))}, columns=DECLARED)
    other = snapshot(next(folders), files, columns=DECLARED)
    assert other.digest == one.digest
    assert other.files == one.files
