import gzip

import pytest

from perennial.jobs.snapshot.source.formats import json_lines
from perennial.jobs.snapshot.source.formats.unreadable import UnreadableFileError


@pytest.fixture
def read(tmp_path):
    def read(content, name="x.jsonl", block_bytes=json_lines.BLOCK_BYTES):
        path = tmp_path / name
        path.write_bytes(content)
        return [row for batch in json_lines.batches(path, block_bytes) for row in batch.to_pylist()]

    return read


def test_each_line_is_a_row(read):
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert read(b'{"a": 1, "b": "x"}\n\n{"a": 2, "b": null}') == rows


def test_a_key_that_a_line_lacks_is_a_missing_value(read):
    assert read(b'{"a": 1}\n{"b": true}\n') == [{"a": 1, "b": None}, {"a": None, "b": True}]


def test_what_looks_like_a_time_stays_text_as_in_every_other_format(read):
    content = b'{"t": "2013-01-01T05:00:00Z"}\n{"t": "2013-01-02"}\n'
    assert read(content) == [{"t": "2013-01-01T05:00:00Z"}, {"t": "2013-01-02"}]


def test_blocks_end_at_lines_wherever_they_are_cut(read):
    content = b"".join(b'{"a": %d, "t": "2013-01-01"}\n' % number for number in range(50))
    assert read(content, block_bytes=40) == read(content)


@pytest.mark.parametrize("row", [b'{"a": "K\xf6ln"}', b'{"St\xe4dte": 1}', b'\xff\xfe{"a": 1}'])
def test_text_that_is_not_utf8_is_refused_with_its_row(read, row):
    content = b'{"a": "x"}\n\n{"a": "y"}\n' + row + b"\n"
    for block_bytes in (20, json_lines.BLOCK_BYTES):
        with pytest.raises(UnreadableFileError, match="row 3 is not text in UTF-8: save the file"):
            read(content, block_bytes=block_bytes)


def test_a_compressed_file_with_a_byte_order_mark_is_read_as_it_is(read):
    assert read(gzip.compress(b'\xef\xbb\xbf{"a": 1}\n'), "x.jsonl.gz") == [{"a": 1}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": 1}\n{"a": "secret"}\n', "row 2 changes column 'a' from number to string"),
        (b'[{"a": "secret"}]\n', "is not JSON Lines: write one object a line"),
        (b'{"a": 1}\n{"a": "secret', "row 2 is not JSON: write one object a line"),
        (b"secret\n", "row 1 is not JSON"),
        (b'{"a": 1, "a": "secret"}\n', "row 1 names 'a' twice"),
    ],
)
def test_what_is_wrong_is_told_without_a_word_of_the_content(read, content, words):
    with pytest.raises(UnreadableFileError) as error:
        read(content)
    assert words in str(error.value)
    assert "secret" not in str(error.value)


def test_the_row_is_counted_from_the_start_of_the_file(read):
    with pytest.raises(UnreadableFileError, match="row 4 is not JSON"):
        read(b'{"a": 1}\n{"a": 2}\n{"a": 3}\nwrong\n', block_bytes=20)


def test_a_compressed_file_cut_off_is_told(read):
    with pytest.raises(UnreadableFileError, match="is damaged"):
        read(gzip.compress(b'{"a": 1}\n' * 5000)[:-12], "x.jsonl.gz")
