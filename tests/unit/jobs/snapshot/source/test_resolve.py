import pytest

from perennial.api.dataset import ObjectSource
from perennial.api.reasons import JobReason
from perennial.artifacts.store import StoredObject
from perennial.jobs.report import JobFailure
from perennial.jobs.snapshot.source.resolve import choose, format_of


def chosen(path, *objects, form=None):
    place = ObjectSource(path=path, format=form)
    found = [StoredObject(f"team/{key}", size) for key, size in objects]
    return [(one.name, one.format) for one in choose(place, found, "team/", "bucket data")]


def refused(path, *objects, form=None):
    with pytest.raises(JobFailure) as failure:
        chosen(path, *objects, form=form)
    return failure.value


def test_one_object_is_named_in_full():
    both = [("raw/x.csv", 9), ("raw/x.csv.old", 9)]
    assert chosen("raw/x.csv", *both) == [("raw/x.csv", "CSV")]


def test_a_prefix_means_all_objects_below_it_that_hold_rows():
    objects = [
        ("raw/", 0),
        ("raw/b.parquet", 9),
        ("raw/2013/a.pq", 9),
        ("raw/_SUCCESS", 0),
        ("raw/_temporary/c.parquet", 9),
        ("raw/.a.parquet.crc", 9),
        ("raw/empty.parquet", 0),
        ("raw/README.txt", 9),
    ]
    assert chosen("raw/", *objects) == [("raw/2013/a.pq", "Parquet"), ("raw/b.parquet", "Parquet")]


def test_a_stated_format_takes_what_has_no_suffix_and_leaves_other_formats_out():
    objects = [("raw/part-0", 9), ("raw/x.csv", 9), ("raw/y.parquet", 9)]
    assert chosen("raw/", *objects, form="CSV") == [("raw/part-0", "CSV"), ("raw/x.csv", "CSV")]
    assert chosen("raw/part-0", *objects, form="CSV") == [("raw/part-0", "CSV")]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.CSV", "CSV"),
        ("x.csv.gz", "CSV"),
        ("x.jsonl.zst", "JSONLines"),
        ("x.ndjson", "JSONLines"),
        ("x.pq", "Parquet"),
        ("x.gz", None),
        ("x", None),
    ],
)
def test_the_suffix_tells_the_format(name, form):
    assert format_of(name) == form


def test_the_compression_is_kept_for_the_reader():
    place = ObjectSource(path="x.csv.gz")
    (one,) = choose(place, [StoredObject("x.csv.gz", 9)], "", "bucket data")
    assert one.suffix == ".gz"


def test_formats_are_not_mixed():
    failure = refused("raw/", ("raw/a.csv", 9), ("raw/b.parquet", 9))
    assert failure.reason is JobReason.UNREADABLE_DATA
    assert "raw/ mixes formats, such as raw/a.csv and raw/b.parquet" in failure.message


@pytest.mark.parametrize(
    ("path", "objects", "words"),
    [
        ("raw/x.csv", [], "bucket data holds no raw/x.csv: upload it"),
        ("raw", [("raw/x.csv", 9)], "it is a prefix: end path with '/'"),
        ("raw/", [], "holds none: upload files"),
        ("raw/", [("raw/x.csv", 0)], "holds only empty ones"),
        ("raw/", [("raw/x.txt", 9)], "holds 1 objects under raw/, none of them a known format"),
    ],
)
def test_nothing_found_says_what_is_there_instead(path, objects, words):
    failure = refused(path, *objects)
    assert failure.reason is JobReason.SOURCE_NOT_FOUND
    assert words in failure.message


def test_an_empty_object_has_no_rows():
    failure = refused("x.csv", ("x.csv", 0))
    assert failure.reason is JobReason.UNREADABLE_DATA
    assert failure.message == "x.csv is empty: upload a file with rows"


def test_a_format_that_nothing_tells_is_a_mistake_in_the_spec():
    failure = refused("export", ("export", 9))
    assert failure.in_spec
    assert failure.reason is JobReason.INVALID_SPEC
