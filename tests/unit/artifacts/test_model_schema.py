import pytest

from builders.designs import design
from perennial.artifacts.model_schema import ModelSchema, label_text


@pytest.mark.parametrize(
    ("label", "text"), [(True, "true"), (False, "false"), (3, "3"), ("late", "late")]
)
def test_a_label_is_written_as_json_writes_it(label, text):
    assert label_text(label) == text


@pytest.mark.parametrize("target", ["late", "grade", "level", "price"])
def test_a_schema_is_read_as_it_was_written(target):
    schema = design(target).schema
    read = ModelSchema.model_validate_json(schema.model_dump_json(by_alias=True))
    assert read == schema
    assert [type(label) for label in read.classes or ()] == [
        type(label) for label in schema.classes or ()
    ]
