import pytest

from perennial.api.kinds import DECISION, KINDS, MODEL_VERSION
from perennial.api.names import LONGEST_NAME
from perennial.generate.crd import structural

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_stems_are_the_names_of_files():
    assert [kind.stem for kind in KINDS] == [
        "dataset",
        "model",
        "model_version",
        "model_deployment",
        "decision",
    ]


def test_no_name_is_given_twice():
    names = [name for kind in KINDS for name in (kind.plural, kind.singular, *kind.short_names)]
    assert len(names) == len(set(names))


def test_a_version_may_have_a_longer_name_than_its_model():
    others = [kind for kind in KINDS if kind not in (MODEL_VERSION, DECISION)]
    longest = {kind.longest_name for kind in others}
    assert longest == {LONGEST_NAME}
    assert MODEL_VERSION.longest_name > LONGEST_NAME + len("-12345678")


@every_kind
def test_every_column_shows_a_field_that_exists(kind):
    fields = {"spec": structural(kind.spec), "status": structural(kind.status)}
    for column in kind.columns:
        if "[?(" in column.path or column.path.startswith(".metadata"):
            continue
        part, *steps = column.path.strip(".").split(".")
        schema = fields[part]
        for step in steps:
            schema = schema["properties"][step]
        assert schema["type"] in {"string", "integer"}


@every_kind
def test_the_message_is_shown_only_when_asked_for(kind):
    assert [column.name for column in kind.columns if column.wide][-1] == "Message"
