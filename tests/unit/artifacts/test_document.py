import pytest
from pydantic import ValidationError

from perennial.artifacts.document import Document, GrowingDocument


class Part(Document):
    longest_delay: int
    """Words for whoever reads the code."""


class Whole(Document):
    parts: tuple[Part, ...]


class Grown(GrowingDocument):
    rows: int


def test_a_file_holds_what_its_format_names_and_nothing_else():
    read = Whole.model_validate_json('{"parts": [{"longestDelay": 3}]}')
    assert read == Whole(parts=(Part(longest_delay=3),))
    assert read.model_dump_json(by_alias=True) == '{"parts":[{"longestDelay":3}]}'
    with pytest.raises(ValidationError, match=r"parts\.0\.more"):
        Whole.model_validate({"parts": [{"longestDelay": 3, "more": 1}]})


def test_a_file_that_grows_may_hold_what_a_later_format_adds():
    assert Grown.model_validate({"rows": 3, "more": 1}) == Grown(rows=3)


def test_no_docstring_is_read():
    assert Part.model_fields["longest_delay"].description is None
