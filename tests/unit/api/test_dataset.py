import pytest
from pydantic import ValidationError

from perennial.api.column_type import ColumnType
from perennial.api.dataset import CSV, Column, DatasetSpec, DatasetStatus, Role

SOURCE = {"object": {"path": "raw/churn.csv"}}


def test_a_path_is_all_that_must_be_written():
    spec = DatasetSpec.model_validate({"source": SOURCE})
    assert spec.source.object
    assert spec.source.object.store == "default"
    assert spec.other_columns == "Infer"
    assert spec.quality.personal_data == "Ignore"
    assert spec.job.deadline == "1h"


def test_a_column_is_a_feature_that_may_be_missing_unless_it_says_otherwise():
    column = Column(name="age", type=ColumnType.NUMBER)
    assert column.role is Role.FEATURE
    assert column.nullable is None


def test_what_is_written_by_default_is_not_part_of_the_identity():
    plain = DatasetSpec.model_validate({"source": SOURCE})
    spelled_out = DatasetSpec.model_validate(
        {"source": SOURCE, "keep": 10, "quality": {"personalData": "Ignore"}, "job": {}}
    )
    assert plain == spelled_out
    assert spelled_out.model_dump(exclude_defaults=True) == plain.model_dump(exclude_defaults=True)


def test_csv_is_written_with_commas_and_points():
    assert CSV().model_dump() == {"delimiter": ",", "decimal": "."}


def test_a_mistake_is_told_with_the_path_of_the_field():
    with pytest.raises(ValidationError) as refusal:
        DatasetSpec.model_validate(
            {"source": SOURCE, "columns": [{"name": "age", "type": "Number", "role": "Target"}]}
        )
    (error,) = refusal.value.errors()
    assert error["loc"] == ("columns", 0, "role")


def test_a_status_begins_before_the_first_generation():
    assert DatasetStatus().observed_generation == -1
