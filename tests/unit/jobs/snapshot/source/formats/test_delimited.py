import gzip

import pytest

from perennial.api.reasons import JobReason
from perennial.jobs.snapshot.source.formats import delimited
from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError


@pytest.fixture
def read(tmp_path):
    def read(content, delimiter=",", name="x.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        names = delimited.header(path, delimiter).names
        rows = [batch.to_pydict() for batch in delimited.batches(path, names, delimiter)]
        return {name: [cell for batch in rows for cell in batch[name]] for name in names}

    return read


def test_every_value_is_text(read):
    assert read(b"a,b\n1,x\n2.5,true\n") == {"a": ["1", "2.5"], "b": ["x", "true"]}


def test_a_missing_value_is_empty_or_one_of_few_words_without_quotes(read):
    content = b'a,b\n,1\nNA,1\nnull,1\nNaN,1\n"NA",1\n"",1\nnone,1\n'
    assert read(content)["a"] == [None, None, None, None, "NA", "", "none"]


def test_values_may_contain_delimiters_and_line_ends_in_quotes(read):
    assert read(b'a;b\r\n"x;\ny";2\r\n', ";") == {"a": ["x;\ny"], "b": ["2"]}


def test_a_byte_order_mark_is_no_part_of_a_name(read):
    assert read(b"\xef\xbb\xbfa,b\n1,2\n") == {"a": ["1"], "b": ["2"]}


def test_a_compressed_file_is_read_as_it_is(read):
    assert read(gzip.compress(b"a,b\n1,2\n"), name="x.csv.gz") == {"a": ["1"], "b": ["2"]}


def test_a_header_alone_is_no_error_here(read):
    assert read(b"a,b\n") == {"a": [], "b": []}


@pytest.mark.parametrize(
    ("header", "delimiter", "spelling"),
    [
        (b"a;b\n", ",", "';'"),
        (b"a\tb\n", ",", "a tab"),
        (b"a,b\n", ";", "','"),
        (b"a|b\n", ",", "|"),
    ],
)
def test_a_wrong_separator_is_told_with_the_right_one(read, header, delimiter, spelling):
    with pytest.raises(UnreadableFileError, match="has a single column when split at") as error:
        read(header, delimiter)
    assert ": a, b; set" in str(error.value)
    assert f"set csv.delimiter of the source to {spelling}" in str(error.value).replace("'|'", "|")
    assert error.value.reason is JobReason.SCHEMA_MISMATCH


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty: upload a file with a header and rows"),
        (b"a,b\n1,2\nsecret\n", "has a row of 1 values under a header of 2"),
        (b"a,b\n1,2,secret\n", "has a row of 3 values under a header of 2"),
        (b"a,b\n1,\xff\xfe\n", "is not text in UTF-8"),
        (b"\xff\xfea\x00,\x00", "is not text in UTF-8"),
        (b"a,a\n1,2\n", "has more than one column named 'a'"),
    ],
)
def test_what_is_wrong_is_told_without_a_word_of_the_content(read, content, words):
    with pytest.raises(UnreadableFileError) as error:
        read(content)
    assert words in str(error.value)
    assert "secret" not in str(error.value)
    assert error.value.__suppress_context__ or "secret" not in str(error.value.__cause__)
